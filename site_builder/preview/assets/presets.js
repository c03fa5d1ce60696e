// What clients really send: [name, Accept, Accept-Language], empty where a client sends none. Browsers: MDN, "List of
// default Accept values". The others were recorded or stand in the programs' own sources and documentation.

export const CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";
const WEBKIT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const JAVA = "text/html, image/gif, image/jpeg, */*; q=0.2";

export const PRESETS = [
  ["Browsers", [["Chrome, Edge", CHROME, "en-US,en;q=0.9"], ["Firefox", WEBKIT, "en-US,en;q=0.5"], ["Safari", WEBKIT, "en-GB,en;q=0.9"], ["Turbo", "text/html, application/xhtml+xml", "en-US,en;q=0.9"], ["Googlebot", "text/html,application/xhtml+xml,application/signed-exchange;v=b3,application/xml;q=0.9,*/*;q=0.8", ""]]],
  ["Programs", [["curl, Wget", "*/*", ""], ["fetch() in browsers", "*/*", "en-US,en;q=0.9"], ["fetch() in Node", "*/*", "*"], ["axios, Angular", "application/json, text/plain, */*", ""], ["Python requests, httpx", "*/*", ""], ["Go net/http", "", ""], ["Java", JAVA, ""], ["jQuery", "application/json, text/javascript, */*; q=0.01", "en-US,en;q=0.9"], ["HTTPie", "application/json, */*;q=0.5", ""]]],
  ["API clients", [["JSON", "application/json", ""], ["RFC 9457", "application/problem+json, application/json", ""], ["JSON:API", "application/vnd.api+json", ""], ["GitHub’s REST", "application/vnd.github+json", ""], ["GraphQL", "application/graphql-response+json,application/json;q=0.9", ""], ["RestTemplate", "text/plain, application/json, application/*+json, */*", ""]]],
  ["AI agents", [["Claude Code", "text/markdown, text/html, */*", ""], ["Cursor", "text/markdown, text/plain;q=0.9, */*;q=0.8", ""], ["Codex CLI", "text/html, */*", ""], ["OpenCode", "text/markdown;q=1.0, text/x-markdown;q=0.9, text/plain;q=0.8, text/html;q=0.7, */*;q=0.1", ""], ["MCP", "application/json, text/event-stream", ""], ["Markdown only", "text/markdown", ""]]],
];
