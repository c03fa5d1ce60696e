"""One call of CloudFront's API: signed, sent as it is, tried again where that is safe, put into words.

The AWS SDK would parse the answers into what its release knows, and repeat writes on its own. It finds the credentials
and signs (Signature Version 4); the rest is sent and read here.
"""

from __future__ import annotations

import itertools
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from ...certificates import trusted
from ...errors import RemoteFailed
from .document import parse

if TYPE_CHECKING:
    import httpx
    from botocore.credentials import Credentials

ENDPOINT = "https://cloudfront.amazonaws.com"
ROOT = "/2020-05-31"
REGION = "us-east-1"
"""CloudFront is one service for all regions, and its requests are signed for this one."""

ATTEMPTS = 4
SECONDS = 30.0
THROTTLED = frozenset({"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"})
"""Error codes of calls that were not carried out because there were too many."""

_CREDENTIALS_HINT = (
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or write profile = "…" in this table of '
    "errgen.toml; errgen reads no file and takes no flag for them"
)
_RIGHTS_HINT = (
    "the credentials need cloudfront:GetDistribution, cloudfront:GetDistributionConfig and "
    "cloudfront:UpdateDistribution, and where invalidate is set cloudfront:CreateInvalidation, for this distribution"
)
_BUSY_HINT = "CloudFront is failing or busy; run the same command again later, it carries on where it stopped"
_NOT_CLOUDFRONT = "check AWS_ENDPOINT_URL_CLOUDFRONT, and that nothing stands between this machine and AWS"
_OWN_WORDS = "these are CloudFront's own words; nothing was changed"
HINTS: Mapping[str, str] = {
    "AccessDenied": _RIGHTS_HINT,
    "InvalidClientTokenId": _CREDENTIALS_HINT,
    "UnrecognizedClientException": _CREDENTIALS_HINT,
    "SignatureDoesNotMatch": _CREDENTIALS_HINT,
    "MissingAuthenticationToken": _CREDENTIALS_HINT,
    "ExpiredToken": "the temporary credentials have expired; get new ones (aws sso login) and run the command again",
    "RequestExpired": "this machine's clock is wrong, or the request took too long; set it right and run it again",
    "NoSuchDistribution": "check distribution in errgen.toml, and that the credentials are of the account that has it",
    "TooManyInvalidationsInProgress": "the pages are live; wait for other invalidations to end and repeat this by hand",
}


Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: its body, and the version (ETag) of what it is about, empty where it has none."""

    content: bytes
    etag: str


class CallFailed(RemoteFailed):
    """A call that did not succeed.

    ``status`` is None where no answer came; ``code`` is AWS's own, empty where it gave none. ``passing`` failures are
    worth another try. ``may_have_happened``: a write may have been carried out all the same.
    """

    def __init__(
        self,
        message: str,
        *,
        where: str,
        hint: str | None = None,
        status: int | None = None,
        code: str = "",
        passing: bool = False,
        may_have_happened: bool = False,
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.status = status
        self.code = code
        self.passing = passing
        self.may_have_happened = may_have_happened


class Calls:
    """Sends calls and decides what may be sent again. ``report`` is told before each pause.

    ``profile`` is one of AWS's shared configuration; credentials are looked for when the first call is made.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        profile: str | None,
        *,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None],
        report: Callable[[str], None],
    ) -> None:
        self._environ = environ
        self._profile = profile
        self._transport = transport
        self._sleep = sleep
        self._report = report
        endpoint = environ.get("AWS_ENDPOINT_URL_CLOUDFRONT") or environ.get("AWS_ENDPOINT_URL") or ENDPOINT
        self._endpoint = endpoint.rstrip("/")
        if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", self._endpoint):
            raise RemoteFailed(
                "AWS_ENDPOINT_URL_CLOUDFRONT or AWS_ENDPOINT_URL is not an address",
                where="CloudFront",
                hint=f"unset it, or write {ENDPOINT}",
            )

    @cached_property
    def _credentials(self) -> Credentials:
        from botocore.exceptions import BotoCoreError

        from ...aws_session import open_session

        try:
            found = open_session(self._environ, profile=self._profile, region=REGION).get_credentials()
        except BotoCoreError as error:
            raise RemoteFailed(
                f"the credentials cannot be read: {self._plain(str(error))}", where="CloudFront", hint=_CREDENTIALS_HINT
            ) from error
        if found is None:
            raise RemoteFailed("there are no credentials for AWS", where="CloudFront", hint=_CREDENTIALS_HINT)
        return found

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx

        bundle = self._environ.get("AWS_CA_BUNDLE")
        return httpx.Client(
            # Neither proxies nor .netrc: the latter would take the place of the signature.
            trust_env=False,
            follow_redirects=False,
            timeout=SECONDS,
            transport=self._transport,
            verify=ssl.create_default_context(cafile=bundle) if bundle else trusted(),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def patiently(self, method: str, path: str, read: Callable[[Reply], Done], body: bytes = b"") -> Done:
        """Send a call that may be repeated, and again while its failures look as if they passed. Raises CallFailed.

        ``read`` gives what the answer says, and raises ValueError for what this call does not answer.
        """
        return self._send(method, path, body, {}, read, lambda failure: failure.passing)

    def write(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str], read: Callable[[Reply], Done]
    ) -> Done:
        """Send a write, and again only where it cannot have been carried out. Raises CallFailed."""
        return self._send(
            method, path, body, headers, read, lambda failure: failure.passing and not failure.may_have_happened
        )

    def _send(
        self,
        method: str,
        path: str,
        body: bytes,
        headers: Mapping[str, str],
        read: Callable[[Reply], Done],
        again: Callable[[CallFailed], bool],
    ) -> Done:
        for attempt in itertools.count(1):
            try:
                return self._read(method, path, read, self._once(method, path, body, headers))
            except CallFailed as failure:
                if attempt == ATTEMPTS or not again(failure):
                    raise
                seconds = float(2 ** (attempt - 1))
                self._report(f"{failure.where} {failure.message}; trying again in {seconds:.0f} s")
                self._sleep(seconds)
        raise AssertionError("unreachable")

    def _read(self, method: str, path: str, read: Callable[[Reply], Done], reply: Reply) -> Done:
        try:
            return read(reply)
        except ValueError as error:
            raise CallFailed(
                f"the answer {self._plain(str(error))}",
                where=f"{method} {path}",
                hint=_NOT_CLOUDFRONT,
                passing=True,
                may_have_happened=True,
            ) from None

    def _once(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        import httpx

        where = f"{method} {path}"
        signed = self._signed(method, path, body, headers)
        try:
            response = self._client.request(method, f"{self._endpoint}{ROOT}{path}", content=body, headers=signed)
        except httpx.HTTPError as error:
            reason = "no answer in time" if isinstance(error, httpx.TimeoutException) else str(error)
            raise CallFailed(
                f"CloudFront cannot be reached: {self._plain(reason or type(error).__name__)}",
                where=where,
                hint="check the network, then run the same command again",
                passing=True,
                may_have_happened=not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout),
            ) from error
        if 200 <= response.status_code < 300:
            return Reply(response.content, response.headers.get("etag", "").strip('"'))
        raise self._refusal(response, where)

    def _signed(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.exceptions import BotoCoreError

        request = AWSRequest(
            method, f"{self._endpoint}{ROOT}{path}", data=body, headers={"Content-Type": "text/xml", **headers}
        )
        try:
            SigV4Auth(self._credentials, "cloudfront", REGION).add_auth(request)
        except BotoCoreError as error:  # what a profile names has to be asked for them, and fails
            raise RemoteFailed(
                f"the credentials cannot be had: {self._plain(str(error))}", where="CloudFront", hint=_CREDENTIALS_HINT
            ) from error
        return dict(request.headers)

    def _refusal(self, response: httpx.Response, where: str) -> CallFailed:
        status, code, said = response.status_code, "", ""
        try:
            error = parse(response.content).child("Error")
            code, said = (error.value("Code"), error.value("Message")) if error else ("", "")
        except ValueError:
            pass
        throttled = status == 429 or code in THROTTLED
        failing = status >= 500 or status == 408
        hint = HINTS.get(code) or (_BUSY_HINT if throttled or failing else _OWN_WORDS if code else _NOT_CLOUDFRONT)
        named = f" {self._plain(code)}" if code else " with something that is not CloudFront's"
        return CallFailed(
            f"answered {status}{named}" + (f": {self._plain(said)}" if said else ""),
            where=where,
            hint=hint,
            status=status,
            code=code,
            passing=throttled or failing,
            may_have_happened=failing and not throttled,
        )

    def _plain(self, text: str) -> str:
        """``text`` as one line of bounded length without a secret, which a server might repeat."""
        from ...aws_session import secrets_of

        for secret in secrets_of(self.__dict__.get("_credentials")):  # not there while they are looked for
            text = text.replace(secret, "[secret]")
        line = re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip().rstrip(".")
        return line if len(line) <= 500 else line[:499] + "…"
