// What Netlify makes of a publish folder, by its own parsers and its own matching engine, as JSON.
//
// Run in the folder that holds node_modules, where the bare names of a script that is handed over are looked up:
//   node --input-type=module --eval "$(cat netlify.mjs)" FOLDER <<< '[{"path": "/gone", "query": "", "language": "de"}]'
// Gives {headers, redirects, errors, matches}: the sections of _headers with the expression that a path has to match,
// the rules of _redirects, what the parsers found wrong, and for each request the rule that matches, or null,
// first as the engine reads _redirects itself, then as it reads what the parser made of it.
import { parseAllHeaders } from "@netlify/headers-parser";
import { parseAllRedirects } from "@netlify/redirect-parser";
import { readFile } from "node:fs/promises";
import redirector from "netlify-redirector";

const [folder] = process.argv.slice(1);
const requests = JSON.parse(await readFile("/dev/stdin", "utf-8"));
const { headers, errors: faults } = await parseAllHeaders({ headersFiles: [`${folder}/_headers`], minimal: false });
const { redirects, errors } = await parseAllRedirects({ redirectsFiles: [`${folder}/_redirects`], minimal: false });

// The engine reads the file itself, and it reads rules as Netlify's command line hands them to it.
const rules = redirects.map(({ from, query, ...rule }) => ({ ...rule, origin: from, params: query }));
const options = { jwtSecret: "none", jwtRoleClaim: "none" };
const readings = [
  await redirector.parsePlain(await readFile(`${folder}/_redirects`, "utf-8"), options),
  await redirector.parseJSON(JSON.stringify(rules), options),
];

// Netlify's edge puts the visitor's first language into this header, which is all that the engine asks for.
const match = (reading, { path, query, language }) => {
  const sent = { "x-language": language };
  const getHeader = name => sent[name.toLowerCase()] ?? "";
  const request = { scheme: "https", host: "example.com", path, query, headers: sent, cookieValues: {} };
  const found = reading.match({ ...request, getHeader, getCookie: () => "" });
  return found && { to: found.to, status: found.status, force: found.force };
};

const report = {
  headers: headers.map(section => ({ ...section, forRegExp: section.forRegExp.source })),
  redirects,
  errors: [...faults, ...errors].map(error => error.message),
  matches: requests.map(request => readings.map(reading => match(reading, request))),
};
process.stdout.write(JSON.stringify(report));
