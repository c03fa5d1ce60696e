"""One distribution of CloudFront as a transport of httpx: it keeps the bytes it is sent, and serves the pages it has.

moto stores what its model knows of a configuration; real CloudFront keeps fields that no SDK has heard of. Signatures
are checked, versions too, and a request may be spoilt on its way.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from xml.sax.saxutils import escape

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.cloudfront_peer import Refused, require_valid

ID = "EDFDVBD632BHDS5"
DOMAIN = "d111111abcdef8.cloudfront.net"
ACCESS, SECRET = "AKIDEXAMPLE", "canary-secret-that-is-never-shown"
ENVIRON = {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": SECRET}
NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
HEAD = '<?xml version="1.0"?>\n'

CONFIGURATION = f"""{HEAD}<DistributionConfig xmlns="{NAMESPACE}">\
<CallerReference>by hand &amp; with care</CallerReference><Aliases><Quantity>0</Quantity></Aliases>\
<Origins><Quantity>2</Quantity><Items>\
<Origin><Id>application</Id><DomainName>app.example.com</DomainName><OriginPath/><CustomHeaders><Quantity>1</Quantity>\
<Items><OriginCustomHeader><HeaderName>X-Origin-Verify</HeaderName><HeaderValue>canary-header-never-shown</HeaderValue>\
</OriginCustomHeader></Items></CustomHeaders></Origin>\
<Origin><Id>errgen-default</Id><DomainName>example-errors.s3.eu-central-1.amazonaws.com</DomainName><OriginPath/>\
<S3OriginConfig><OriginAccessIdentity/></S3OriginConfig></Origin></Items></Origins>\
<DefaultCacheBehavior><TargetOriginId>application</TargetOriginId><AllowedMethods><Quantity>2</Quantity>\
<Items><Method>HEAD</Method><Method>GET</Method></Items></AllowedMethods></DefaultCacheBehavior>\
<CacheBehaviors><Quantity>1</Quantity><Items><CacheBehavior><PathPattern>/errors/o/*</PathPattern>\
<TargetOriginId>errgen-default</TargetOriginId><AllowedMethods><Quantity>2</Quantity>\
<Items><Method>HEAD</Method><Method>GET</Method></Items></AllowedMethods></CacheBehavior></Items></CacheBehaviors>\
<CustomErrorResponses><Quantity>2</Quantity><Items>\
<CustomErrorResponse><ErrorCode>405</ErrorCode><ResponsePagePath/><ResponseCode/>\
<ErrorCachingMinTTL>0</ErrorCachingMinTTL></CustomErrorResponse>\
<CustomErrorResponse><ErrorCode>403</ErrorCode><ResponsePagePath>/index.html</ResponsePagePath>\
<ResponseCode>200</ResponseCode><ErrorCachingMinTTL>300</ErrorCachingMinTTL><FieldOfTomorrow quoted="a > b"/>\
</CustomErrorResponse></Items></CustomErrorResponses>\
<Comment>größer &lt; kleiner</Comment><FutureConfig><Inner a="1">x</Inner><!-- kept --></FutureConfig>\
<Enabled>true</Enabled></DistributionConfig>""".encode()
"""A distribution with others' error responses, and with fields that nobody knows yet."""


class Send(Protocol):
    """Sends the request on and gives its answer."""

    def __call__(self) -> httpx.Response: ...


@dataclass
class Double(httpx.BaseTransport):
    """The API at cloudfront.amazonaws.com, and the distribution at its domain. ``pages`` are by their paths there.

    ``spoil`` may answer a request, numbered from 0, itself, raise, or send it on. ``before_write`` is called before
    each update is looked at, as somebody else who is faster; ``stored`` is what becomes of it.
    """

    xml: bytes = CONFIGURATION
    version: int = 1
    status: str = "Deployed"
    pages: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forbidden: set[str] = field(default_factory=set)
    invalidations: dict[str, list[str]] = field(default_factory=dict)
    spoil: Callable[[int, httpx.Request, Send], httpx.Response] | None = None
    before_write: Callable[[], None] = lambda: None
    stored: Callable[[bytes], bytes] = lambda xml: xml

    @property
    def etag(self) -> str:
        """The version of the configuration."""
        return f"E{self.version}VERSION"

    @property
    def writes(self) -> list[str]:
        """What was asked and could have changed something: not the trial of what is allowed."""
        return [one for one in self.asked if not one.startswith("GET") and "If-Match ERRGEN" not in one]

    def paths(self) -> dict[int, str]:
        """The page that each code gets."""
        return {
            int(one.findtext(f"{{{NAMESPACE}}}ErrorCode", "")): one.findtext(f"{{{NAMESPACE}}}ResponsePagePath", "")
            for one in ET.fromstring(self.xml).iter(f"{{{NAMESPACE}}}CustomErrorResponse")  # noqa: S314  # our own
        }

    def around(self) -> tuple[bytes, bytes]:
        """Everything before and after the error responses, byte for byte."""
        before, _, rest = self.xml.partition(b"<CustomErrorResponses>")
        return before, rest.partition(b"</CustomErrorResponses>")[2]

    def edit(self, old: bytes, new: bytes) -> None:
        """Change the configuration as somebody else would."""
        assert self.xml.count(old) == 1, old
        self.xml, self.version = self.xml.replace(old, new), self.version + 1

    def touch(self) -> None:
        """Store the same again as somebody else would."""
        self.version += 1

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or spoil the answer."""
        number, match = len(self.asked), request.headers.get("if-match")
        self.asked.append(f"{request.method} {request.url.path}" + (f" If-Match {match}" if match else ""))

        def send() -> httpx.Response:
            return self._serve(request) if request.url.host == DOMAIN else self._answer(request)

        return self.spoil(number, request, send) if self.spoil else send()

    def close(self) -> None:
        """Stay open: one distribution outlives many clients."""

    def _serve(self, request: httpx.Request) -> httpx.Response:
        assert "authorization" not in request.headers
        content = self.pages.get(request.url.path)
        return httpx.Response(403) if content is None else httpx.Response(200, content=content)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if not is_signed(request):
            return refusal(403, "SignatureDoesNotMatch", f"the signature does not match that made with {SECRET}")
        action = {
            ("GET", f"/2020-05-31/distribution/{ID}"): self._get,
            ("GET", f"/2020-05-31/distribution/{ID}/config"): self._get_config,
            ("PUT", f"/2020-05-31/distribution/{ID}/config"): self._update,
            ("POST", f"/2020-05-31/distribution/{ID}/invalidation"): self._invalidate,
        }.get((request.method, request.url.path))
        if action is None:
            return refusal(404, "NoSuchDistribution", "The specified distribution does not exist.")
        if action.__name__ in self.forbidden:
            return refusal(403, "AccessDenied", f"User: arn:aws:iam::1:user/x is not authorized: {action.__name__}")
        return action(request)

    def _get(self, _: httpx.Request) -> httpx.Response:
        content = f'{HEAD}<Distribution xmlns="{NAMESPACE}"><Id>{ID}</Id><Status>{self.status}</Status>'
        content += f"<DomainName>{DOMAIN}</DomainName></Distribution>"
        return httpx.Response(200, content=content.encode(), headers={"ETag": self.etag})

    def _get_config(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=self.xml, headers={"ETag": self.etag})

    def _update(self, request: httpx.Request) -> httpx.Response:
        if not request.headers["if-match"].startswith("ERRGEN"):
            self.before_write()
        if request.headers["if-match"] != self.etag:
            return refusal(412, "PreconditionFailed", "The precondition in If-Match evaluated to false.")
        try:
            require_valid(values(request.content))
        except Refused as refused:
            return refusal(400, refused.code, refused.message)
        self.xml, self.version = self.stored(request.content), self.version + 1
        return httpx.Response(200, content=b"<Distribution/>", headers={"ETag": self.etag})

    def _invalidate(self, request: httpx.Request) -> httpx.Response:
        batch = ET.fromstring(request.content)  # noqa: S314  # our own
        paths = [one.text or "" for one in batch.iter(f"{{{NAMESPACE}}}Path")]
        reference = batch.findtext(f"{{{NAMESPACE}}}CallerReference", "")
        if self.invalidations.setdefault(reference, paths) != paths:
            return refusal(400, "InvalidArgument", "the caller reference was used with other paths")
        return httpx.Response(201, content=b"<Invalidation/>")


def refusal(status: int, code: str, message: str) -> httpx.Response:
    """An error as the service words it."""
    content = f'{HEAD}<ErrorResponse xmlns="{NAMESPACE}"><Error><Type>Sender</Type><Code>{code}</Code>'
    content += f"<Message>{escape(message)}</Message></Error><RequestId>7</RequestId></ErrorResponse>"
    return httpx.Response(status, content=content.encode())


def is_signed(request: httpx.Request) -> bool:
    """Whether what arrived is what was signed (Signature Version 4) with our credentials."""
    found = re.fullmatch(
        rf"AWS4-HMAC-SHA256 Credential={ACCESS}/\d+/us-east-1/cloudfront/aws4_request, "
        r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
        request.headers.get("authorization", ""),
    )
    if found is None:
        return False
    headers = {name: request.headers[name] for name in found.group(1).split(";")}
    signed = AWSRequest(request.method, str(request.url), data=request.content, headers=headers)
    signed.context["timestamp"] = request.headers["x-amz-date"]
    signing = SigV4Auth(Credentials(ACCESS, SECRET), "cloudfront", "us-east-1")
    return bool(
        found.group(2) == signing.signature(signing.string_to_sign(signed, signing.canonical_request(signed)), signed)
    )


def values(xml: bytes) -> dict[str, object]:
    """A configuration as the parts that ``require_valid`` looks at."""
    root = ET.fromstring(xml)  # noqa: S314  # our own
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{NAMESPACE}}}")

    def rows(name: str, row: str) -> dict[str, object]:
        items = [{field.tag: field.text for field in one} for one in root.findall(f"{name}/Items/{row}")]
        return {"Quantity": root.findtext(f"{name}/Quantity", "0"), "Items": items}

    return {
        "CustomErrorResponses": rows("CustomErrorResponses", "CustomErrorResponse"),
        "Origins": rows("Origins", "Origin"),
        "CacheBehaviors": rows("CacheBehaviors", "CacheBehavior"),
    }
