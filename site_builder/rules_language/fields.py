"""What expressions may name in the phase ``http_custom_errors``: fields with their types, and the functions.

Names and types are those of developers.cloudflare.com/ruleset-engine/rules-language/fields/reference/. Left out are the
fields that the documentation keeps to other products (request bodies, JSON Web Tokens,
``http.request.accepted_languages``).
"""

from __future__ import annotations

from collections.abc import Mapping

from site_builder.rules_language.functions import FUNCTIONS
from site_builder.rules_language.scheme import Scheme
from site_builder.rules_language.values import BOOL, BYTES, INT, IP, Type, array, mapping

_BY_TYPE: tuple[tuple[Type, str], ...] = (
    (
        BOOL,
        """
        cf.bot_management.corporate_proxy cf.bot_management.js_detection.passed cf.bot_management.static_resource
        cf.bot_management.verified_bot cf.client.bot cf.edge.client_tcp cf.tls_client_auth.cert_presented
        cf.tls_client_auth.cert_revoked cf.tls_client_auth.cert_verified cf.waf.auth_detected
        http.request.headers.truncated ip.geoip.is_in_european_union ip.src.is_in_european_union ssl
        """,
    ),
    (
        BYTES,
        """
        cf.bot_management.ja3_hash cf.bot_management.ja4 cf.hostname.metadata cf.random_seed cf.ray_id
        cf.response.error_type cf.tls_cipher cf.tls_ciphers_sha1 cf.tls_client_auth.cert_fingerprint_sha1
        cf.tls_client_auth.cert_fingerprint_sha256 cf.tls_client_auth.cert_issuer_dn
        cf.tls_client_auth.cert_issuer_dn_legacy cf.tls_client_auth.cert_issuer_dn_rfc2253
        cf.tls_client_auth.cert_issuer_serial cf.tls_client_auth.cert_issuer_ski cf.tls_client_auth.cert_not_after
        cf.tls_client_auth.cert_not_before cf.tls_client_auth.cert_serial cf.tls_client_auth.cert_ski
        cf.tls_client_auth.cert_subject_dn cf.tls_client_auth.cert_subject_dn_legacy
        cf.tls_client_auth.cert_subject_dn_rfc2253 cf.tls_client_extensions_sha1 cf.tls_client_extensions_sha1_le
        cf.tls_client_random cf.tls_version cf.verified_bot_category cf.waf.score.class cf.worker.upstream_zone
        cf.zone.name cf.zone.plan
        http.cookie http.host http.referer http.request.full_uri http.request.method http.request.uri
        http.request.uri.path http.request.uri.path.extension http.request.uri.query http.request.version
        http.response.content_type.media_type http.user_agent http.x_forwarded_for
        ip.geoip.continent ip.geoip.country ip.geoip.subdivision_1_iso_code ip.geoip.subdivision_2_iso_code
        ip.src.city ip.src.continent ip.src.country ip.src.lat ip.src.lon ip.src.metro_code ip.src.postal_code
        ip.src.region ip.src.region_code ip.src.subdivision_1_iso_code ip.src.subdivision_2_iso_code
        ip.src.timezone.name
        raw.http.request.full_uri raw.http.request.uri raw.http.request.uri.path raw.http.request.uri.path.extension
        raw.http.request.uri.query
        """,
    ),
    (
        INT,
        """
        cf.bot_management.score cf.edge.server_port cf.response.1xxx_code cf.threat_score
        cf.timings.client_quic_rtt_msec cf.timings.client_tcp_rtt_msec cf.timings.edge_msec
        cf.timings.origin_ttfb_msec cf.timings.worker_msec cf.tls_client_hello_length
        cf.waf.score cf.waf.score.rce cf.waf.score.sqli cf.waf.score.xss
        http.request.timestamp.msec http.request.timestamp.sec http.response.code ip.geoip.asnum ip.src.asnum
        """,
    ),
    (IP, "cf.edge.server_ip ip.src"),
    (array(INT), "cf.bot_management.detection_ids"),
    (
        array(BYTES),
        """
        http.request.headers.names http.request.headers.values http.request.uri.args.names
        http.request.uri.args.values http.response.headers.names http.response.headers.values
        raw.http.request.uri.args.names raw.http.request.uri.args.values raw.http.response.headers.names
        raw.http.response.headers.values
        """,
    ),
    (
        mapping(array(BYTES)),
        """
        http.request.cookies http.request.headers http.request.uri.args http.response.headers
        raw.http.request.uri.args raw.http.response.headers
        """,
    ),
)

FIELDS: Mapping[str, Type] = {name: kind for kind, names in _BY_TYPE for name in names.split()}
HTTP_CUSTOM_ERRORS = Scheme(FIELDS, FUNCTIONS)
