"""Whether a value looks like a secret, and not like a placeholder, a word of a sentence, code, a name, a number or a date."""

from __future__ import annotations

from .lazy_patterns import lazy

# Words that follow `password: ` in a sentence and aren't the password.
PROSE = frozenset(
    "a an and any are as at authentication auth be been before blank but by can cannot can't change changed check contains could "
    "correct disabled does doesn't doesnt empty enabled entered error expired expires expiration fail failed failure failures field file "
    "for found from given has hash hashed have if in incorrect input invalid is isn't isnt it its length like login long manager match mandatory necessary "
    "matched matches mismatch missing must needed needs new no not of off ok on only option or please policy prompt protected provided "
    "read rejected request required requires reset revoked see set setting short shorter should specified store stored strength "
    "successful succeeded that the then there this to too unable unknown unset updated use used user using valid validation value "
    "verification wants was were when which while will with without wrong you your accepted for. generated "
    "string str text bytes int integer number bool boolean object array type secret secrets token tokens password passwords "
    "passwd key keys credential credentials plain plaintext basic bearer none null nil undefined true false yes unauthorized forbidden "
    "denied exists default refresh refreshed access count limit received sent issued signature malformed unexpected expected "
    "files compat options option combination mechanism exchange review grant response authority agreement age recovery sync update attempt attempts rotation".split()
)

# A value of several words with one of these is a message.
_VERDICTS = frozenset(
    "is are was were must should required requires invalid not does doesn't cannot can't can incorrect failed wrong the for be been has "
    "expired match field missing to authentication".split()
)

_PLACEHOLDER = lazy(
    r"\\?\$|%[\w.]+%?$|\{|:[a-z]\w*$|\[(?!\w+\])|\[(?:your[\w -]*|[\w -]*(?:user|password|token|secret|key|redacted|masked|hidden|removed))\]|<(?:[a-z]|$|[^>\s]*>)|\((?![^)\s]*\d[^)\s]*$)|![!a-z_:.]*(?:$|[\s\[{'\"$])|\*{2,}|\*\(|\.[*+]|_\w{1,30}=|\*$|\*\w+$|&\w+$|•|\.{2,}$|…|#(?![^\s{]*\d)|-+$|_+$|~$|x{3,}|([yz])\1{2,}$|\?+$|@\w+@$|%s|%[({]"
    r"|(?:null|none|nil|undefined|empty|true|false|yes|no|on|off|redacted|masked|hidden|removed|censored|change[_-]?(?:me|it|this)(?:[_-][a-z_-]*+)?|todo|tbd|fixme"
    r"|unset|default|example|placeholder|dummy|sample|test|string|str|text|value|password|passwd|pass|pwd?|psk|passphrase|secret|token|key|foo|bar|xxx?|n/a|nan"
    r"|inherit|required|optional|prompt|ask|disabled|enabled|auto|generate|file|env|environment|keyring|keychain|port|name|username|clave|senha|passwort|kennwort|wachtwoord|contrase[nñ]a|mot de passe)$"
    r"|(?:your|votre|seu|sua|tu|dein|ihr|enter|insert|put|replace|change|example|fake|dummy)[_-][\w-]*+$|[\w-]+\.(?:txt|lst|list)$|(?:your|example)[\w ]*$|[\w.-]+(?:/[\w.-]+)+\.(?:json|pem|key|txt|ya?ml|env|conf|crt|cred)$|(?:(?:my|the|some|a)[_-]?(?:secret|password|token|api[_-]?key|key)|supersecret\w*here|\w*here)$"
    r"|(?:\.{0,2}|~|file:/{0,3}|[a-z]:)[/\\][\w./\\ -]+(?:,|$)(?<=[\w]{2}[\w,])|[\w.-]+:(?:/[a-z][\w.-]*)+$|(?:vault|op|env|ref|file|secretref|secret|awssm|arn|gcpsm|keyring):|enc\[|age1|sops|\w+_file$"
)

# A value that only names itself, as documents write it: `APP_TOKEN`, `mqtt_password`.
_NAMED = lazy(
    r"[A-Z_]{0,40}(?:PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|KEY|PASS|HERE)|[a-z]+(?:[_-][a-z]+){0,5}[_-](?:password|passphrase|token|secret|key)"
)

# An object, a call or an attribute that a program printed or a script uses, but not a value.
_CODE = lazy(
    r"[A-Za-z_][\w.:]*(?:\(|\{|\[(?!\w+ masked)|<)|(?:[a-z][A-Za-z_]*\d?\.)+[A-Z][a-z]{2}[A-Za-z_]*\d?(?:@[0-9a-f]+)?$|\w+@[0-9a-f]{5,8}$"
    r"|(?:self|this|os|process|config|cfg|request|req|res|args|env|settings|secrets|data|var|vars|local|module|params|ctx|input|props|options|values|user|item|node|each)[.\[]"
    r"|[a-z_]+\.[a-z_]+(?:\.[a-z_]+)*$|[a-z_]+\.[A-Z_]+$|[A-Z][a-z]+\.[A-Z][a-z]+$|0x[0-9a-f]{1,16}$"
)
_ORDINARY = lazy(
    r"[\d.:,/_TZ+-]++|[a-z]++[-_.]?\d{1,4}+|v?\d[\w-]*+(?:\.[\w.-]*+)|[A-Za-z-]++\d?+|[\w.-]++:\d++|[\w-]++(?:\.[\w-]+)+|[a-z][a-z.-]*+@[a-z.-]++"
)
_RANDOM = lazy(  # base64 that begins like a path
    r"(?=[^A-Z]{0,40}[A-Z])(?=[^a-z]{0,40}[a-z])(?=[^\d]{0,40}\d)(?=[^/]{0,104}(?:/[^/]{0,104}){0,4}$)[A-Za-z0-9+/]{32,100}+={0,2}"
)

# Only chance makes such a value.
CHANCE = lazy(
    r"[0-9a-f]{32,400}|[0-9A-F]{32,400}|(?=[^\d]{0,60}\d[^\d]{0,60}\d[^\d]{0,60}\d)(?:[a-z0-9]{30,400}|[A-Z0-9]{30,400})"
    r"|(?=[^A-Z]{0,40}[A-Z])(?=[^a-z]{0,40}[a-z])(?=[^\d]{0,60}\d)[\w+/-]{24,400}={0,2}"
)

# Example values from documents.
MADE_UP = lazy(
    r"xxxxxx|XXXXXX|EXAMPLE(?:KEY)?$|\*\*\*\*|######|\.\.\.(?!\w)|…|[_.-]x{3,}$|<[A-Za-z][A-Za-z_ -]{1,40}>?$|(?<![A-Za-z0-9])(?:YOUR|VOTRE|REDACTED|CHANGE_?ME|REPLACE)(?![a-z0-9])|([A-Za-z\d])\1{11}|0{8}|(?i:put_your|[_-]here(?![a-z])|(?:your|fake|insert|replace)[_-]?(?:token|key|secret|password|api|with))"
)

# Upper and lower case in an order that no word, or words joined together, would have, short names apart.
_TOSSED = lazy(r"[a-z][A-Z][a-z]?(?![a-z])")
_SHORT = lazy(r"ID|DB|API|URL|UI|IP|OS|VM|CA|SSL|TLS|HTTPS?|SSH|JSON|XML|UUID|S3|K8s")
_LETTER = lazy(r"[^\W\d_]")
_DIGIT = lazy(r"\d")
_SIGN = lazy(r"[!@#$%^&*?+=]")


def is_placeholder(value: str) -> bool:
    """Whether it is a placeholder for a value that is elsewhere or must be filled in: `${X}`, `<password>`, `changeme`."""
    low = value.strip().lower()
    bare = low.strip("*`\"'")
    return (
        not bare
        or _PLACEHOLDER().match(low) is not None
        or (bare != low and _PLACEHOLDER().match(bare) is not None)
        or _NAMED().fullmatch(value.strip("*` \t\r\n")) is not None
    )


def is_code(value: str) -> bool:
    """Whether it is a call, an object or an attribute of a program."""
    return _CODE().match(value) is not None


def looks_secret(value: str, password: bool, sure: bool, quoted: bool, separator: str, last: bool) -> bool:
    """Whether a value beside a key is a secret: `sure` if the key can only be a key, `last` if it ends its line."""
    plain = value.strip(" .,:;!?")
    if _is_none(value, plain, password, sure) or (is_code(value) and not (quoted and password and separator)):
        return False
    if " " in plain:
        return sure and password and (separator in ("=", ":=", "=>") or not _VERDICTS.intersection(plain.lower().split()))
    if password:
        return sure or _is_password(plain, last and (bool(separator) or quoted))
    if plain.isdigit():
        return sure and len(plain) >= 16
    if sure:
        return len(plain) >= 8 and (separator != ":" or quoted or is_strong(plain, 8))
    return is_strong(plain, 16 if not separator else 10)


def _is_none(value: str, plain: str, password: bool, sure: bool) -> bool:
    """Whether it isn't a value, whatever is around it: nothing, a placeholder, a word of a sentence, an address."""
    return (
        not plain
        or "\0" in plain
        or plain in ("0", "1")
        or (not password and MADE_UP().search(value) is not None)
        or (is_placeholder(value) and not (value[0] == "/" and _is_random(value, sure)))
        or plain.lower() in PROSE
        or value.startswith(("http://", "https://"))
        or (value.startswith("//") and not _is_random(value, sure))
    )


def _is_random(value: str, sure: bool) -> bool:
    """Whether something that begins like a path is base64, if it is `sure` to be a value."""
    return sure and _RANDOM().fullmatch(value) is not None


def _is_password(plain: str, ends: bool) -> bool:
    """Whether a word beside `password` is one, where it could be a sentence: it is strong, or the line ends with it."""
    return is_strong(plain, 6) or (ends and len(plain) >= 6 and not plain.isdigit())


def is_strong(value: str, length: int) -> bool:
    """Whether it mixes characters in a way that words, names, versions, dates and addresses don't."""
    if len(value) < length or "/" in value[:1] or "://" in value:
        return False
    if not _LETTER().search(value, 0, 64):
        return False
    if length <= 16 <= len(value) and len(_TOSSED().findall(_SHORT().sub("", value[:64]))) > 1:
        return True
    if _ORDINARY().fullmatch(value):
        return value.isalnum() and len(value) >= 20 and not value.islower() and not value.isupper()
    return _DIGIT().search(value, 0, 64) is not None or _SIGN().search(value) is not None
