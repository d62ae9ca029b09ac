from __future__ import annotations

import contextlib
import io
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.secrets import rule as secret_rule
from kb.secrets.masking import find, mask
from kb.secrets.rejections import REJECTIONS, Rejection
from kb.secrets.rule import sample
from kb.secrets.rule_table import RULES

ROWS = [pytest.param(rule, id=f"{rule.kind}-{number}") for number, rule in enumerate(RULES)]


@pytest.mark.parametrize("rule", ROWS)
def test_each_rule_masks_its_example_and_passes_over_its_counter_example(rule: secret_rule.SecretRule) -> None:
    text = sample(rule.example)
    masked, found = mask(text)
    assert [secret.kind for secret in found] == [rule.kind]
    value = text[found[0].start : found[0].end]
    assert value not in masked
    assert found[0].mark in masked
    assert mask(sample(rule.counter)) == (sample(rule.counter), [])


@pytest.mark.parametrize("rule", ROWS)
def test_a_row_has_what_the_search_for_it_needs(rule: secret_rule.SecretRule) -> None:
    example, counter = sample(rule.example), sample(rule.counter)
    folded = example.lower() if rule.fold else example
    at = [folded.find(head) for head in rule.heads if head in folded]
    assert at, f"none of the heads {rule.heads} stands in the example: the rule is never tried on it"
    if not rule.inside:
        found = any(re.compile(rule.pattern).match(folded, place) for place in all_places(folded, rule.heads))
        assert found, "the pattern must begin with its head; say inside=True where the head stands further in"
    if rule.fold:
        assert rule.heads == tuple(head.lower() for head in rule.heads), "fold=True tries lower case: so must be the heads"
    assert not repeats_without_end(rule.pattern), (
        "a repetition must be bounded, as {1,200}, or possessive, as ++: else it takes too long"
    )
    assert rule.needs == () or any(word in folded for word in rule.needs), "needs: none of them stands in the example"
    assert rule.command == () or any(word in example for word in rule.command), "command: none of them stands in the example"
    assert counter.strip(), "a counter-example is missing: the nearest text that must stay as it is"


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in REJECTIONS])
def test_each_rejection_passes_over_its_example_and_not_over_its_counter_example(row: Rejection) -> None:
    assert find(sample(row.example)) == []
    before, value, after = re.split("[«»]", sample(row.counter))
    text = before + value + after
    assert [text[secret.start : secret.end] for secret in find(text)] == [value]


def repeats_without_end(pattern: str) -> bool:
    # Written out, a parsed pattern has one operation a line: the end of a repetition stands behind its name.
    lines = io.StringIO()
    with contextlib.redirect_stdout(lines):
        re.compile(pattern, re.DEBUG)
    return re.search(r"^ *(?:MAX|MIN)_REPEAT \d+ MAXREPEAT", lines.getvalue(), re.MULTILINE) is not None


def all_places(text: str, heads: tuple[str, ...]) -> list[int]:
    return [match.start() for head in heads for match in re.finditer(re.escape(head), text)]


# «…» stands around what has to be masked; `{A20}` is as in the table.
SECRETS = r"""
DB_PASSWORD=«hunter2»
Environment="SMTP_PASS=«two words»" "SMTP_USER=me"
ldap_default_authtok = «hunter22»
ldapsearch -x -D cn=me -w "«two words 2»" uid=me
rclone config create b2 b2 account me key «hunter2»
nmcli con mod home wifi-sec.psk '«two words»'
me:{PLAIN}«hunter2»:1000:1000
net use z: \\\\nas\\media «hunter22» /user:me
Authorization: Digest username="me", realm="cam", response="«{H32}»"
| Credentials | `admin / «Hunter@22»` |
export RESTIC_PASSWORD='«correct horse battery staple»'
BORG_PASSPHRASE="«it's wrong to tell»"
passphrase: «correct horse battery staple»
      POSTGRES_PASSWORD: «swordfish»
      POSTGRES_PASSWORD: ${DB_PASS:-«swordfish»}
      - MYSQL_ROOT_PASSWORD=«rootpw»
app-1  | password: «hunter2»
nas app[12]: connecting with password=«hunter2» to db
{"user":"root","password":"«a b c 1»"}
{"msg":"cfg {\"password\":\"«hunter2»\",\"x\":1}"}
Server=db;User Id=sa;Password=«Pa55,w0rd»;Encrypt=false
jdbc:mysql://db/x?user=root&password=«hunter2»&useSSL=false
mount -t cifs -o username=me,password=«abc123»,vers=3.0 //nas/x /mnt
kopia repository connect --password=«hunter2» --url x
restic --token «abcdef0123» list
mysqldump -h db -u root -p'«hun ter2»' nc
PGPASSWORD=«hunter2» psql -h db
postgres://nc:«pq7»@db:5432/nc
redis://:«hunter2»@redis:6379/0
rtsp://admin:«cam123»@10.0.0.5:554/h264
smb://u:«p@ss»@nas/x
curl --user 'admin:«hunter2»' http://nas/
"Authorization": "token «{H40}»"
-H 'X-Api-Key: «{H32}»'
http://sonarr:8989/api/v3/queue?apikey=«{H32}»&page=1
AccountKey=«//{A84}==»;EndpointSuffix=core.windows.net
<Password>«hunter2»</Password>
X-Plex-Token=«{A20}»
X-Gotify-Key: «A{A14}»
aws_secret_access_key = «{A40}»
CF_API_TOKEN=«{A40}»
B2_APPLICATION_KEY: «{A31}»
WIREGUARD_PRIVATE_KEY=«{A43}=»
wpa_passphrase=«my-wifi-pw-1»
psk="«mywifi pw»"
client_secret: «{A32}»
SECRET_KEY_BASE=«{H128}»
AccountKey=«{A86}==»;EndpointSuffix=core
token: «{A40}»
Your temporary password is: «kX93jfQ2»
Initial admin password is «swordfish»
The new password is "«hunter22»"
SMTP_PASS=«abcd efgh ijkl mnop»
{"name":"DB_PASSWORD","value":"«hunter2»"}
$config['db_password'] = '«hunter2»';
'dbpassword' => '«hunter2»',
os.environ["API_KEY"] = "«{A32}»"
set password «Xk39dj2kdQ»
spring.datasource.password=«hunter2»
ENV DB_PASS «hunter2»
password «hunter2»
user: root, pass: «hunter2»
VPN_PASSWORD=«hun!ter#2»
password=«p@ss(w)ord»
var apiToken string = "«{A40}»"
DEPLOY_TOKEN ?= "«{A40}»"
$apiToken .= "«{A40}»"
ApiToken,«{A40}»,
password[] = "«hunter2»"
<add key="Password" value="«hunter2x»" />
curl -k \⏎  -H 'x: y' \⏎  -u me:«yqDVtkqPECriaLRi»
curl -u "«d2LkV78zLx!t»:" https://localhost:9200
curl -u me:'«hunter2»' https://localhost:9200
kind: secret⏎data:⏎  extra: «YWRtaW46cGFzc3dvcmQ=»
passwords:⏎  - "«hunter2x»"
sshpass -p '«!qaz2wsx»' ssh nas
DB_PASSWORD="«#x8Kd9pQ»"
      - "traefik.http.middlewares.a.basicauth.users=me:\$\«$2y\$\$10\$\${A50}»"
k3s agent --token «my7oken» --server https://nas:6443
log in as `root` / `«hunter22»`
Authorization: Bearer «5901|{A40}»
# Default login: `admin` / `«hunter22»`
""".strip().splitlines()


@pytest.mark.parametrize("line", SECRETS)
def test_a_value_beside_a_word_for_secrets_is_masked_and_the_rest_kept(line: str) -> None:
    marked = sample(line).replace("⏎", "\n")
    before, _, rest = marked.partition("«")
    value, _, after = rest.partition("»")
    masked, found = mask(before + value + after)
    assert masked == before + found[0].mark + after


NO_SECRETS = r"""
password authentication failed for user "nextcloud"
Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2
pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.9  user=root
ERROR: invalid token
Error: invalid token: unexpected end of input
token=Token{android.os.BinderProxy@1f3a2b}
password=
password=***
password: ${DB_PASSWORD}
password: ${DB_PASSWORD:?set it in .env}
DB_PASSWORD_FILE=/run/secrets/db_password
password: "{{ vault_db_password }}"
password: <password>
password=[REDACTED]
token: null
secret: true
password: !secret db_password
passwords: 3
max_tokens: 4096
tokens=123456
primary_key=1234567890ab
key: value
bypass=something12
secretName: wildcard-tls-2024
tokenReview: v1
time="2024-01-01T00:00:00Z" level=error msg="token is expired by 3h2m"
{"password": ["This field is required."]}
"password": "must be at least 8 characters"
nginx:1.25@sha256:0f3a9c7e5b1d8642
http://10.0.0.1:8080/path@version
kernel: usb 1-1: new high-speed USB device number 5 using xhci_hcd
docker run -p 8080:80 -u 1000:1000 nginx
ssh -p 2222 nas
private key: (hidden)
PublicKey = x7Kq2Wm9ZrT4bV8nLc3HdY6sPj5GfQ1aUe0x7Kq2Wm9=
certificate-authority-data: x7Kq2Wm9ZrT4bV8nLc3HdY6sPj5GfQ1aUe0x7Kq2Wm9
sha256:0f3a9c7e5b1d86420f3a9c7e5b1d86420f3a9c7e5b1d86420f3a9c7e5b1d8642
commit 0f3a9c7e5b1d86420f3a9c7e5b1d86420f3a9c7e
WWW-Authenticate: Basic realm="nas"
Authorization: Bearer $TOKEN
gpg: key 0F3A9C7E5B1D8642: public key imported
pass: 12 fail: 3
PASS: test_token_refresh
csrf token mismatch
token: expected ',' or '}' in flow mapping
Access denied for user 'root'@'localhost' (using password: YES)
password = os.environ["DB_PASSWORD"]
const token = req.headers.authorization
level=info component=token msg="refreshed token in 12.3ms"
api_key: str
PasswordAuthentication no
PWD=/root/docker
RESTIC_PASSWORD_FILE=/etc/restic/pw
Cookie: session expired
DB_PASSWORD=hunter2 # kb-allow
{password:e,user:t}
self.access_token = access_token
http_password: SecretStr | None = None
SECRET_KEY = get_env('SECRET_KEY')
token += part
{ name: 'PAPERLESS_SECRET_KEY', value: generatePassword(48) },
print("Password:  "+passwd)
<a href="#rootPassword">RootPassword</a>
sed -i "s/^wpa_passphrase=.*/wpa_passphrase=$pw/" hostapd.conf
VPN_PASSWORD: UniFi VPN password (required)
mqtt_password: mqtt_password
http://gotify/message?token=APP_TOKEN
JWT_SECRET=<random-64-bytes>
TS_AUTHKEY=tskey-auth-xxx
"access_token": "eyJhbGciOiJIUzI1NiJ9..."
curl -u <user:password> https://nas
snmp-server community public RO
cifs credentials=/root/.credentials,uid=1000
PuttyPassword=0
publicToken = "9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit"
https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX
2018-250-xoxo-indieweb-1.jpg
const char* password = "Your Wifi password here";
GOOGLE_APPLICATION_CREDENTIALS=path/to/google-credentials.json
Cookie: session=<token>; and so on
MYSQL_ROOT_PASSWORD 是root的密码
kubectl create secret generic hf-token-secret --from-literal=token="$HF_TOKEN"
TS_AUTHKEY=tskey-auth-CHANGE_ME_CNTRL-CHANGE_ME
mc alias set nas http://nas:9000 "{{access_key}}" "{{secret_key}}"
password = getpass.getpass("Password: ")
  -p, --password=name  Password to use when connecting
cmd = 'ipmitool -H ' + host + ' -P ' + str(given)
Cookie: theme=dark; lang=de
WiFi password = STAPSK;
export BORG_PASSCOMMAND='echo "$(pass show borg)"'
""".strip().splitlines()


@pytest.mark.parametrize("line", NO_SECRETS)
def test_words_about_secrets_and_placeholders_are_none(line: str) -> None:
    assert mask(line) == (line, [])


def _pem(body: str, end: bool = True, joint: str = "\n") -> str:
    head, tail = "-----BEGIN OPENSSH PRIVATE" + " KEY-----", "-----END OPENSSH PRIVATE" + " KEY-----"
    return joint.join([head, body, tail] if end else [head, body])


BODY = sample("{A64}\n{A64}\n{A20}==")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"a\n{_pem(BODY)}\nb", f"a\n{_pem('[private-key masked]')}\nb"),
        (
            f"{_pem(BODY, end=False)}\nJan 1 12:00 next line",
            f"{_pem('[private-key masked]', end=False)}\nJan 1 12:00 next line",
        ),
        (
            f'{{"k": "{_pem(sample("{A64}"), joint=chr(92) + "n")}"}}',
            f'{{"k": "{_pem("[private-key masked]", joint=chr(92) + "n")}"}}',
        ),
        ("PRIVATE KEY is a heading\n", "PRIVATE KEY is a heading\n"),
    ],
    ids=["whole", "cut off", "in JSON", "no block"],
)
def test_the_body_of_a_private_key_is_masked(text: str, masked: str) -> None:
    assert mask(text)[0] == masked


def test_a_password_in_a_yaml_block_and_in_a_list_of_variables_is_masked() -> None:
    assert mask("password: |\n  hunter2\nuser: me\n")[0] == "password: |\n  [password masked]\nuser: me\n"
    assert mask("- name: DB_PASSWORD\n  value: hunter2\n")[0] == "- name: DB_PASSWORD\n  value: [password masked]\n"


def test_a_secret_says_its_kind_and_line_and_never_its_value() -> None:
    found = find("fine\n\npassword=hunter2\n")
    assert [(secret.kind, secret.line, secret.start, secret.end) for secret in found] == [("password", 3, 15, 22)]
    assert "hunter2" not in repr(found)


def test_the_allowing_word_counts_for_its_own_line_only() -> None:
    text = "password=first1\npassword=second2 # kb-allow\npassword=third3\n"
    assert mask(text)[0] == "password=[password masked]\npassword=second2 # kb-allow\npassword=[password masked]\n"


words = st.sampled_from(
    [
        "password",
        "token",
        "key",
        "=",
        ":",
        " ",
        "\n",
        '"',
        "'",
        "\\",
        "[password masked]",
        "kb-allow",
        "://",
        "@",
        "-p",
        "\0",
        "İ",
        "|",
        "name: a_token",
    ]
    + [sample(rule.example) for rule in RULES]
)
texts = st.lists(st.one_of(words, st.text(max_size=8)), max_size=12).map("".join)


@settings(max_examples=300, deadline=None)
@given(texts)
def test_masking_twice_is_masking_once(text: str) -> None:
    masked, _ = mask(text)
    assert mask(masked) == (masked, [])


@settings(max_examples=200, deadline=None)
@given(texts)
def test_what_is_found_lies_in_order_and_what_stands_around_it_is_kept_to_the_byte(text: str) -> None:
    found = find(text)
    ends = [0]
    for secret in found:
        assert ends[-1] <= secret.start < secret.end <= len(text)
        ends.append(secret.end)
    if not found:
        assert mask(text) == (text, [])


@settings(max_examples=100, deadline=None)
@given(
    st.text(alphabet="abcdefghijkmnpqrstuvwxyz23456789", min_size=12, max_size=40).filter(
        lambda v: any(c.isdigit() for c in v) and len(set(v)) > 3
    )
)
def test_a_masked_value_is_nowhere_in_the_result(value: str) -> None:
    for template in (
        "DB_PASSWORD={}",
        '{{"token": "x1{}"}}',
        "postgres://u:{}@h/db",
        "curl -u me:{} http://nas",
        "pass is 'Q9{}'",
    ):
        assert value not in mask(template.format(value))[0]


SLOW = {
    "every line says password": "Failed password for invalid user admin from 10.0.0.1 port 22 ssh2\n",
    "base64 in one line": sample("{A64}"),
    "one line of keys": "password token=",
    "quotes that never close": "password='",
    "starts of private keys": "-----BEGIN PRIVATE" + " KEY-----\n",
    "starts of addresses": "://a:b",
    "starts of tokens": "eyJ",
    "commands": "curl -u ",
    "all the hints": " ".join(head for rule in RULES for head in rule.heads) + " ",
    "secrets that are allowed": "password=hunter2 kb-allow\n",
    "tables in tables": "| a | password |\n|---|---|\n",
    "kinds of secrets": "kind: Secret\ndata:\n  a: b\n",
}


@pytest.mark.parametrize("piece", SLOW.values(), ids=SLOW.keys())
def test_time_grows_with_the_length_of_the_text_alone(piece: str) -> None:
    def seconds(size: int) -> float:
        text = (piece * (size // len(piece) + 1))[:size]
        start = time.process_time()
        find(text)
        return time.process_time() - start

    find(piece)
    small = seconds(30_000)
    # Eight times the text: a square would take sixty-four times as long.
    assert seconds(240_000) < max(25 * small, 0.25)
