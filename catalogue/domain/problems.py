"""Errors as the house gives them: each class has one stable code, a status and a title in both languages.

Every face renders the same error: the API as problem+json (RFC 9457), pages as a sentence, the command line as a line.
A ``detail`` says what to do in the reader's language and never carries a driver's or a traceback's text.
"""

from __future__ import annotations

from typing import Any, ClassVar

from catalogue.domain.text import Text
from catalogue.domain.value import Value


class Fault(Value, frozen=True):
    """One field at fault: JSON path, stable code, what is wrong and how to mend it."""

    path: str
    code: str
    message: Text


class Problem(Exception):
    """Base of all errors that people or machines may see."""

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[Text]

    def __init__(
        self,
        detail: Text | None = None,
        *,
        errors: tuple[Fault, ...] = (),
        extra: dict[str, Any] | None = None,
    ) -> None:
        self.detail = detail or self.title
        self.errors = errors
        self.extra = extra or {}
        super().__init__(f"{self.code}: {self.detail.en}")

    def as_json(self) -> dict[str, Any]:
        """Code, detail in both languages, fields at fault and what else the error carries."""
        return {
            "code": self.code,
            "detail": self.detail.as_json(),
            "errors": [
                {"path": fault.path, "code": fault.code, "message": fault.message.as_json()} for fault in self.errors
            ],
            **self.extra,
        }


class InvalidInput(Problem):
    """The body or a parameter is not as documented."""

    code, status = "invalid-input", 422
    title = Text("填写内容有误", "Some of the input is not valid")


class MalformedBody(Problem):
    """The body cannot be read at all."""

    code, status = "malformed-body", 400
    title = Text("请求内容无法读取", "The request body cannot be read")


class BodyTooLarge(Problem):
    code, status = "body-too-large", 413
    title = Text("内容过大", "The request body is too large")


class FileRefused(Problem):
    """The virus scanner of the house has found something in a file; it was not stored."""

    code, status = "file-refused", 422
    title = Text("病毒扫描未通过，文件没有存", "The virus scanner refused the file; it was not stored")


class UnsupportedMediaType(Problem):
    code, status = "unsupported-media-type", 415
    title = Text("不支持的内容格式", "Unsupported media type")


class NotAuthenticated(Problem):
    code, status = "not-authenticated", 401
    title = Text("请先登录", "Please sign in")


class SignInFailed(Problem):
    code, status = "sign-in-failed", 401
    title = Text("用户名或密码不正确", "The user name or the password is not right")


class AccountLocked(Problem):
    code, status = "account-locked", 429
    title = Text("账号暂时锁定", "The account is locked for a while")


class NotAllowed(Problem):
    """The account lacks the power for this act."""

    code, status = "not-allowed", 403
    title = Text("无权进行此操作", "You do not have the power to do this")


class CsrfFailed(Problem):
    code, status = "csrf-failed", 403
    title = Text("页面已过期，请刷新后重试", "The page has expired, reload and try again")


class NotFound(Problem):
    """Not there, or not to be seen by this account: the two look alike."""

    code, status = "not-found", 404
    title = Text("没有找到", "Not found")


class MethodNotAllowed(Problem):
    code, status = "method-not-allowed", 405
    title = Text("不支持此方法", "Method not allowed")


class UnknownMatter(Problem):
    code, status = "unknown-matter", 422
    title = Text("没有这个事项", "There is no such matter")


class UnknownPlace(Problem):
    code, status = "unknown-place", 422
    title = Text("没有这个行政区划", "There is no such division")


class MissingParticulars(Problem):
    """Routing needs answers that were not given: ``missing: [{key, label, choices}]``."""

    code, status = "missing-particulars", 422
    title = Text("还需要补充情况才能确定办理机关", "More particulars are needed to tell which office decides")


class OutsideScope(Problem):
    """Belongs to an authority outside the programme; nothing is received here."""

    code, status = "outside-scope", 422
    title = Text("不属通办范围", "Outside the programme")


class MatterNotOffered(Problem):
    code, status = "matter-not-offered", 422
    title = Text("该地未开通此事项的跨区通办", "That city does not offer this matter")


class RevisionSuperseded(Problem):
    """The registry revision the client named is no longer in force; the new routing card is attached."""

    code, status = "revision-superseded", 409
    title = Text("事项清单已更新，请核对新的办理去向", "The registry has changed, check the new routing")


class StateForbids(Problem):
    """The state of the case does not allow the command: ``state`` and ``allowed`` are attached."""

    code, status = "state-forbids", 409
    title = Text("当前状态不能进行此操作", "The state of the case does not allow this")


class RuleForbids(Problem):
    """A rule other than the state forbids the act (same person reviews and decides, unverified people, loop …)."""

    code, status = "rule-forbids", 409
    title = Text("不符合办理规则", "A rule forbids this")


class StaleRead(Problem):
    code, status = "stale-read", 412
    title = Text("办件已有新的变化，请刷新后重试", "The case has changed meanwhile, reload and try again")


class PreconditionRequired(Problem):
    code, status = "precondition-required", 428
    title = Text("缺少 If-Match", "If-Match is required")


class IdempotencyKeyRequired(Problem):
    code, status = "idempotency-key-required", 400
    title = Text("缺少 Idempotency-Key", "Idempotency-Key is required")


class IdempotencyKeyReused(Problem):
    code, status = "idempotency-key-reused", 409
    title = Text("同一幂等键用于不同内容", "The same idempotency key came with another body")


class TooManyRequests(Problem):
    code, status = "too-many-requests", 429
    title = Text("操作过于频繁，请稍后再试", "Too many attempts, try again later")


class NumbersExhausted(Problem):
    """All reference numbers of that region and day are taken."""

    code, status = "numbers-exhausted", 503
    title = Text("当日流水号已用尽", "No reference number is left for today")


class CalendarExhausted(Problem):
    """Counting ran past the end (or before the beginning) of a calendar file; the detail names the file.

    No failure of the program: the date asked for is one that nobody has settled, and the file has to be continued.
    """

    code, status = "calendar-exhausted", 422
    title = Text("工作日历未覆盖该日期", "The working-day calendar does not cover that date")


class Unavailable(Problem):
    """The database or another needed part is not answering."""

    code, status = "unavailable", 503
    title = Text("系统暂时不可用", "The service is not available for the moment")


class GlyphMissing(Problem):
    """The font of the papers lacks a character: ``characters``. Nothing is printed rather than an empty box."""

    code, status = "glyph-missing", 422
    title = Text("字库中没有这个字，不能打印", "The font lacks a character, so nothing is printed")


class SigningKeyMissing(Problem):
    """No key signs certificates here: none is made, since an unsigned one could be nobody's."""

    code, status = "signing-key-missing", 503
    title = Text("没有签名密钥，不能制证", "There is no signing key, so no certificate is made")


class InternalError(Problem):
    code, status = "internal-error", 500
    title = Text("系统内部错误", "Internal error")


class InvalidRegistry(InvalidInput):
    """The registry file or a calendar holds errors: ``findings`` names each with file, line and how to mend it."""

    code, status = "invalid-registry", 422
    title = Text("事项清单文件有误", "The registry file holds errors")

    def __init__(self, detail: Text | None = None, *, findings: tuple[Any, ...] = ()) -> None:
        self.findings = findings
        errors = tuple(
            Fault(f"{finding.file}:{finding.line or ''} {finding.path}".strip(), finding.code, finding.message)
            for finding in findings
        )
        super().__init__(detail, errors=errors)


class MalformedRequest(Problem):
    """Something of the request outside its body cannot be read: a header, the address, the host."""

    code, status = "malformed-request", 400
    title = Text("请求无法读取", "The request cannot be read")


class TwoCredentials(Problem):
    """A session cookie and a bearer token in one call: which of the two acts would be a guess."""

    code, status = "two-credentials", 400
    title = Text("不能同时使用会话和令牌", "A session and a token came together")


class IdempotencyKeyMalformed(Problem):
    code, status = "idempotency-key-malformed", 400
    title = Text(
        "Idempotency-Key 应为1至200个可见的 ASCII 字符", "Idempotency-Key has 1 to 200 visible ASCII characters"
    )
