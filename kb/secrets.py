"""Secrets in pasted text: found by a table of rules and by what stands beside words such as `password`, and masked."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

# A line with this word is passed over: its secret is meant to be there.
ALLOW = "kb-allow"


class Secret(NamedTuple):
    """Where a secret stands: never what it is. `line` counts from 1; `start` and `end` are offsets in the whole text."""

    kind: str
    line: int
    start: int
    end: int

    @property
    def mark(self) -> str:
        """What masking writes in its place."""
        return f"[{self.kind} masked]"


@dataclass(frozen=True)
class Rule:
    """A row of the table: what a kind of secret looks like wherever it stands.

    `heads`: the pattern begins with one of them, or has it `inside`; texts without one are passed over, and so are those that
    hold none of `needs`. `fold`: it is tried on the text in lower case. `command`: one of these stands before it on its line.
    Group 1, where there is one, is the value. Of `example` the value is masked, and nothing of `counter`: templates for
    `sample`, so that no file of kb holds what scanners take for a secret.
    """

    kind: str
    heads: tuple[str, ...]
    pattern: str
    example: str
    counter: str
    fold: bool = False
    command: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    inside: bool = False


# Patterns begin with a literal, one of their heads, and look behind it for the boundary: they are tried where a head is.
# Every repetition of a sign is possessive or bounded, so that no input takes more than linear time. None of a group is
# possessive: before Python 3.11.5 (Debian 12 has 3.11.2) what its last, failed round read stays matched (gh-106052).
RULES = (
    Rule("aws-key", ("AKIA", "ASIA", "ABIA", "ACCA"), r"A(?:KIA|SIA|BIA|CCA)(?<![\w]A...)[A-Z0-9]{16}(?![A-Za-z0-9])", "using AK¦IA{U16} now", "AKIA and ASIA are prefixes"),
    Rule("github-token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_(?<!\w....)[A-Za-z0-9]{30,255}+", "https://x:gh¦p_{A36}@github.com/a/b", "gho_st in the shell"),
    Rule("github-token", ("github_pat_",), r"github_pat_\w{22,255}+", "github¦_pat_{A22}_{A59}", "github_pat_ is the prefix"),
    Rule("gitlab-token", ("gl",), r"gl(?:pat|ptt|dt|rt|cbt|soat|ft|imt|agent|oas)-[\w.-]{20,255}+", "PRIVATE-TOKEN: gl¦pat-{A20}", "glrt-runner"),
    Rule("slack-token", ("xox", "xapp-"), r"x(?:ox[abceoprs]|app)-[\w.-]{10,255}+", "SLACK=xo¦xb-{N12}-{N12}-{A24}", "xoxb-token"),
    Rule("slack-webhook", ("hooks.slack.com/",), r"hooks\.slack\.com/(?:services|workflows|triggers)/([\w/-]{20,200}+)", "POST https://hooks.slack¦.com/services/T{U8}/B{U8}/{A24}", "https://hooks.slack.com/services/"),
    Rule("discord-webhook", ("/api/webhooks/", "/api/v"), r"/api/(?:v\d{1,2}/)?webhooks/\d{15,22}/([\w-]{40,100}+)", "https://discord.com/api/web¦hooks/{N18}/{A68}", "/api/webhooks/list"),
    Rule("discord-token", (".",), r"[MNO][A-Za-z0-9_-]{23,27}+\.[\w-]{6}\.[\w-]{27,40}+(?![\w.])", "client.login N{A23}.{A6}.{A38}", "MyApplicationConfigurationService.status.running", inside=True),
    Rule("telegram-token", (":AA",), r":AA(?<=\d\d\d\d\d\d\d\d:AA)[\w-]{30,40}+", "https://api.telegram.org/bot{N10}:A¦A{A33}/sendMessage", "2024-01-01 10:AAA battery"),
    Rule("teams-webhook", ("webhook.office.com/",), r"webhook\.office\.com/([\w@/-]{40,400}+)", "https://a.webhook.office.com/webhookb2/{H32}@{H32}/Incoming¦Webhook/{H32}/{H32}", "webhook.office.com/docs"),
    Rule("ntfy-token", ("tk_",), r"tk_(?<!\w...)[a-z0-9]{29}(?!\w)", "publish with tk¦_{x29}", "tk_widget_button"),
    Rule("ntfy-topic", ("ntfy.sh/",), r"ntfy\.sh/((?=[\w-]{0,60}\d)[\w-]{12,64}+)", "curl -d hi ntfy.sh/backups-{x12}7", "https://ntfy.sh/docs and ntfy.sh/mytopic"),
    Rule("gotify-token", ("/message?token=", "/stream?token="), r"/(?:message|stream)\?token=([\w.-]{10,40}+)", "GET /mess¦age?token=A{A14} 200", "/message?token="),
    Rule("pushover-key", ("user",), r"user(?:_?key)?[\"']?[ \t]{0,4}[=:][ \t]{0,4}[\"']?(u[a-z0-9]{29})(?!\w)", "user=u{x29}", "user=administrator", True),
    Rule("pushbullet-token", ("o.",), r"o\.(?<!\w..)[A-Za-z0-9]{32}(?![\w.])", "pushed with o¦.{A31}7", "videos o.operating"),
    Rule("healthchecks-url", ("hc-ping.com/",), r"hc-ping\.com/([\w-]{22,60}+)", "curl https://hc-p¦ing.com/{G}", "https://hc-ping.com/ is down"),
    Rule("push-url", ("/api/push/",), r"/api/push/([A-Za-z0-9]{8,40}+)(?![\w/])", "http://kuma:3001/api/push/{A10}?status=up", "POST /api/push/ 404"),
    Rule("webhook-url", ("/api/webhook/",), r"/api/webhook/([\w-]{16,100}+)", "http://ha:8123/api/web¦hook/{A32}", "/api/webhook/ returned 404"),
    Rule("tailscale-key", ("tskey-",), r"tskey-[A-Za-z0-9-]{10,200}+", "tailscale up tsk¦ey-auth-{A12}CNTRL-{A32}", "tskey-auth"),
    Rule("wireguard-key", ("private", "preshared", "pre-shared"), r"(?:private|preshared|pre-shared)[_ -]?key[\"']?[ \t]{0,8}[=:]?[ \t]{0,8}(?:<\([ \t]?echo[ \t]{1,4})?[\"']?([a-z0-9+/]{43}=)", "PrivateKey = {A43}=", "PublicKey = {A43}=", True),
    Rule("jwt", ("eyJ",), r"eyJ(?<![\w]eyJ)[\w-]{8,8000}+\.(?:[\w-]{4,8000}+(?:\.[\w-]{0,8000}+){0,3})", "bearer ey¦J{A30}.ey¦J{A40}.{A43}", "eyJust a word. Then eyJ"),
    Rule("cloudflare-tunnel-token", ("eyJhIjoi",), r"eyJhIjoi[\w+/=-]{60,400}+", "cloudflared run ey¦JhIjoi{A120}", "eyJhIjoi is how they begin"),
    Rule("cloudflare-token", ("cfut_", "cfat_", "cfk_", "v1.0-"), r"(?:cf(?:ut|at|k)_[A-Za-z0-9]{30,60}+|v1\.0-[0-9a-f]{24}-[0-9a-f]{100,200}+)", "cf¦ut_{A40}", "v1.0-rc1"),
    Rule("age-key", ("AGE-",), r"AGE-(?:SECRET-KEY|PLUGIN-[A-Z0-9]{1,20})-1[0-9A-Z]{40,2000}+", "AGE-SEC¦RET-KEY-1{U58}", "AGE-SECRET-KEY missing"),
    Rule("vault-token", ("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[\w-]{20,400}+", "hv¦s.{A24}", "hvs.example"),
    Rule("vault-token", ("s.",), r"s\.(?<![\w.]..)(?=[A-Za-z]{0,23}\d)(?=[a-z0-9]{0,23}[A-Z])[A-Za-z0-9]{24}(?![\w.(])", "logged in with s¦.A1{A22}", "s.replicaSetConfigurations(x)"),
    Rule("proxmox-token", ("!",), r"![\w.-]{1,64}[=:]([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", "PVEAPI¦Token=root@pam!kb={G}", "failed!id=4", True),
    Rule("proxmox-token", ("value",), r"value[ \t]{0,20}[│|┆][ \t]{0,4}([0-9a-f]{8}-[0-9a-f-]{27})", "│ value        │ {G} │", "│ value        │ 1 │"),
    Rule("proxmox-ticket", ("PVE:", "PBS:"), r"P(?:VE|BS):[\w@.!-]{1,80}:[0-9A-F]{8}::([A-Za-z0-9+/=]{40,600}+)", "PVEAuthCookie=PV¦E:root@pam:{K8}::{A80}", "PVE: node down"),
    Rule("kubernetes-token", ("K10",), r"K10[0-9a-f]{40,64}::[\w-]{1,40}:([A-Za-z0-9]{8,100}+)", "K1¦0{H64}::server:{A32}", "K10 is a cluster"),
    Rule("kubeadm-token", ("token",), r"token[ \t=:\"']{1,6}([a-z0-9]{6}\.[a-z0-9]{16})(?![\w.])", "kubeadm join --token {x6}.{x16}", "token 1.2"),
    Rule("kubeconfig-key", ("client-key-data",), r"client-key-data[\"']?:[ \t]{0,8}[\"']?([\w+/=-]{16,20000}+)", "    client-key-data: {A200}==", "client-key-data: |"),
    Rule("docker-auth", ("\"auth\"",), r"\"auth\"[ \t]{0,8}:[ \t]{0,8}\"([A-Za-z0-9+/]{8,4000}+={0,2})\"", "\"auth\": \"{A40}=\"", "\"auth\": \"none\""),
    Rule("docker-token", ("dckr_", "SWMTKN-"), r"(?:dckr_(?:pat|oat)_[\w-]{20,100}+|SWMTKN-1-[\w-]{40,120}+)", "docker swarm join SWM¦TKN-1-{x50}-{x25}", "dckr_pat_"),
    Rule("npm-token", ("npm_",), r"npm_(?<!\w....)[A-Za-z0-9]{36}(?!\w)", "//packages.example.org/:_authToken=np¦m_{A36}", "npm_config_cache"),
    Rule("pypi-token", ("pypi-",), r"pypi-[\w-]{50,400}+", "pyp¦i-AgEI{A80}", "pypi-server"),
    Rule("digitalocean-token", ("dop_v1_", "doo_v1_", "dor_v1_"), r"do[opr]_v1_[a-f0-9]{60,64}", "do¦p_v1_{H64}", "dop_v1_"),
    Rule("backblaze-key", ("K00",), r"K00\d(?<!\w...\d)[A-Za-z0-9+/]{27}(?![\w+/])", "rclone K0¦03{A27}", "K001 was on the label"),
    Rule("google-key", ("AIza",), r"AIza[\w-]{35}", "key=AI¦za{A35}", "AIza"),
    Rule("google-key", ("GOCSPX-", "ya29."), r"(?:GOCSPX-|ya29\.)[\w.-]{20,600}+", "GOC¦SPX-{A28}", "ya29.x"),
    Rule("stripe-key", ("sk_live_", "rk_live_", "sk_test_", "rk_test_", "whsec_"), r"(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,200}+|whsec_[\w+/=]{20,100}+)", "sk¦_live_{A24}", "disk_test_results"),
    Rule("sendgrid-key", ("SG.",), r"SG\.(?<!\w..\.)[\w-]{16,64}\.[\w-]{16,64}", "SG¦.{A22}.{A43}", "MSG.field.value"),
    Rule("mailgun-key", ("key-",), r"key-(?<!\w....)[0-9a-f]{32}(?!\w)", "api:ke¦y-{H32}", "key-value"),
    Rule("anthropic-key", ("sk-ant-",), r"sk-ant-[\w-]{20,300}+", "sk-¦ant-api03-{A90}AA", "sk-ant-"),
    Rule("openai-key", ("sk-",), r"sk-(?<![\w-]...)(?!ant-)(?=[A-Za-z_-]{0,60}\d)[\w-]{20,300}+", "sk-¦proj-7{A40}", "disk-by-id and sk-nav-with-many-words-inside"),
    Rule("huggingface-token", ("hf_",), r"hf_(?<!\w...)[A-Za-z0-9]{30,60}+", "hf¦_{A34}", "hf_transfer"),
    Rule("ai-key", ("gsk_", "xai-", "r8_", "pplx-"), r"(?:gsk_|xai-|r8_|pplx-)(?<![A-Za-z0-9]gsk_)[A-Za-z0-9]{30,120}+", "gs¦k_{A52}", "gsk_builder_from_resource"),
    Rule("grafana-token", ("glsa_", "glc_eyJ", "eyJrIjoi"), r"(?:glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|glc_[\w+/=]{32,400}+|eyJrIjoi[\w+/=-]{40,200}+)", "gls¦a_{A32}_{H8}", "glsa_token"),
    Rule("plex-token", ("claim-",), r"claim-(?<![\w-]claim-)[\w-]{20}(?![\w-])", "PLEX cla¦im-{A20}", "claim-based"),
    Rule("arr-api-key", ("<apikey>",), r"<apikey>([0-9a-z]{16,64}+)", "<ApiKey>{H32}</ApiKey>", "<ApiKey></ApiKey>", True),
    Rule("matrix-token", ("syt_",), r"syt_[\w-]{10,200}+", "sy¦t_{A12}_{A20}_{A6}", "syt_"),
    Rule("doppler-token", ("dp.",), r"dp\.(?:pt|st|sa|ct|scim|audit)\.(?<![\w.]dp\...\.)[\w.-]{30,4000}+", "dp¦.pt.{A43}", "dp.pt.x"),
    Rule("sentry-token", ("sntry",), r"sntry[su]_[\w+/=]{40,400}+", "snt¦rys_{A80}", "sntrys_"),
    Rule("azure-key", ("?sig=", "&sig="), r"[?&]sig=([\w%+/=-]{40,120}+)", "https://x.blob/y?sv=1&sig={A43}%3D", "?sig=1"),
    Rule("ssh-host-key", ("Private-MAC:",), r"Private-MAC:[ \t]{0,4}([0-9a-f]{40,64})", "Private-MAC: {H64}", "Private-MAC: none"),
    Rule("zigbee-key", ("network_key",), r"network_key[\"']?[ \t]{0,8}[:=][ \t]{0,8}[\"']?(\[[\da-fx, \t]{20,200}+\]|(?:0x[0-9a-f]{2},[ \t]?){15}0x[0-9a-f]{2})", "network_key: [1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 13]", "network_key: GENERATE", True),
    Rule("password-hash", ("$",), r"\$(?<!\w\$)(?:[1-9y]|2[abxy]|apr1|gy|argon2(?:id|i|d)|scrypt|pbkdf2[\w-]{0,16}|P|H)\${1,2}[\w./=,+$-]{20,400}+", "admin:$¦2y$05${A53}", "costs $1 and $5$ more"),
    Rule("password-hash", ("{S", "{C"), r"\{(?:S?SHA(?:256|384|512)?|CRYPT|SMD5)\}([\w+/=$.]{16,200}+)", "user:{SS¦HA}{A40}", "{SHA} is weak"),
    Rule("authorization", ("authorization",), r"authorization\\{0,7}(?:[\"']?[ \t]{0,8}[:=]|[\"'],)[ \t]{0,8}\\{0,7}[\"']?(?:(?:bearer|basic|token|apikey|key|digest|negotiate|ntlm|splunk|bot|mediabrowser)[ \t]{1,8})?(?!bearer|basic|token|mediabrowser|aws4|authorization)([\w.~+/=:!@-]{8,8000}+)", "Author¦ization: Basic {A20}==", "Authorization: Bearer $TOKEN", True),
    Rule("bearer-token", ("bearer",), r"bearer[\"']?[ :=]{1,3}[\"']?(?=[a-z._~+/-]{0,200}\d)([\w.~+/=-]{16,8000}+)", "curl -H Bea¦rer {A20}4{A20}", "Bearer authentication-required", True),
    Rule("basic-auth", ("basic ",), r"basic (?=[A-Za-z+/]{0,200}[\d=])([A-Za-z0-9+/]{12,400}+={0,2})(?![\w-])", "got Bas¦ic {A19}4=", "basic authentication", True),
    Rule("cookie", ("cookie:",), r"(?<!set-)cookie:[ \t]{0,8}([\w.!#$%&*+^`|~-]{1,200}=[^\r\n\"']{8,8000}+)", "Coo¦kie: sid={A20}; theme=dark", "Cookie: none", True),
    Rule("cookie", ("set-cookie:",), r"set-cookie:[ \t]{0,8}[\w.!#$%&*+^`|~-]{1,200}=([^\s;,\"']{8,4000}+)", "Set-Coo¦kie: sid={A20}; Path=/", "Set-Cookie: theme=dark", True),
    Rule("session-key", ("BW_SESSION",), r"BW_SESSION=[\"']?([A-Za-z0-9+/]{40,100}+={0,2})", "export BW_SESS¦ION={A86}==", "BW_SESSION=none"),
    Rule("cookie", ("session", "phpsessid", "jsessionid", "connect.sid", "authcookie"), r"(?:session(?:_?id)?|phpsessid|jsessionid|connect\.sid|authcookie)=(?=[a-z%._-]{0,60}\d)([\w.%+/-]{16,1000}+)", "GET /?PHPSESSID={x26}7", "session=interactive", True),
    Rule("password", ("sshpass",), r"sshpass[ \t]{1,8}-p[ \t]{0,8}(?:'([^'\r\n]{1,200}+)'|\"([^\"\r\n$]{1,200}+)\"|([^\s'\"$-][^\s]{0,200}+))", "ssh¦pass -p hunter2 ssh nas", "sshpass -p $PW ssh nas"),
    Rule("password", (" -p",), r" -p(?:'([^'\r\n\0]{1,200}+)'|\"([^\"\r\n$\0]{1,200}+)\"|([^\s'\"$\0-][^\s'\"|;\0]{0,200}+))", "mysql -u root -p¦hunter2 nextcloud", "mysql -u root -p nextcloud; ssh -p2222 nas", command=("mysql", "mariadb", "mycli")),
    Rule("password", (" -p",), r" -p[ \t]{0,4}(?:'([^'\r\n\0]{1,200}+)'|\"([^\"\r\n$\0]{1,200}+)\"|([^\s'\"$\0-][^\s'\"|;\0]{0,200}+))", "docker login -u me -p hunter2¦ ghcr.io", "docker login -u me -p $PW", command=("docker login", "podman login", "helm registry login", "buildah login", "oc login", "az login")),
    Rule("password", ("-p'", "-p\"", "-P"), r"-[pP](?<=[ \t]-[pP])(?:'(?![ \t])([^'\r\n$]{3,200}+)'|\"(?![ \t])([^\"\r\n$]{3,200}+)\")", "7z x -p'hunter¦2' backup.7z", "docker run -p \"80:80\", -p '8080:80/tcp', and \"add -p\" said \"no\""),
    Rule("password", (" -P",), r" -P[ \t]{0,4}['\"]?([^\s'\"$|;\0-][^\s'\"|;\0]{0,200}+)", "mosquitto_sub -u me -P hunter¦2 -t x", "scp -P 2222 nas:x", command=("mosquitto_",)),
    Rule("password", (" -U", " -a", " --user"), r" (?:-U|-a|--user)[ \t=]{0,4}['\"]?[\w.\\/-]{1,64}%([^\s'\"$|;\0]{1,200}+)", "smbclient //nas/x -U me%hunter¦2", "smbclient //nas/x -U me%$PW", command=("smbclient", "rpcclient", "wbinfo", "net ")),
    Rule("password", (" -a",), r" -a[ \t]{1,4}['\"]?([^\s'\"$|;\0-][^\s'\"|;\0]{0,200}+)", "redis-cli -h r -a hunter¦2 ping", "redis-cli -a $PW ping", command=("redis-cli", "valkey-cli")),
    Rule("password", (" -w", " -A", " -X"), r" -[wAX][ \t]{1,4}['\"]?([^\s'\"$|;\0-][^\s'\"|;\0]{0,200}+)", "ldapsearch -x -D cn=admin -w hunter¦2", "ldapsearch -x -W | tail -w 3", command=("ldapsearch", "ldapmodify", "ldapadd", "ldapwhoami", "ldappasswd", "snmpwalk", "snmpget")),
    Rule("password", (" -u", " --user", " -a", " --auth", " -U", " --proxy-user", "creds"), r" (?:-u|--user|-a|--auth|-U|--proxy-user|--(?:src-|dest-)?creds)[ \t=]{0,4}['\"]?[^\s'\":$\0]{1,100}\"?:\"?(?!//)([^\s'\"$\0]{1,200}+)", "curl -u admin:hun¦ter2 http://nas", "curl -u admin: http://nas && docker run -u 1000:1000 x", command=("curl", "http", "wget", "etcdctl", "skopeo", "restish")),
    Rule("password", ("echo ",), r"echo[ \t]{1,4}['\"]?([^\s'\"$|]{1,100})['\"]?[ \t]{0,4}\|[ \t]{0,4}sudo -\w{0,4}S", "echo hunter¦2 | sudo -S ls", "echo $PW | sudo -S ls", needs=("sudo -",)),
    Rule("password", ("echo ",), r"echo[ \t]{1,4}['\"]?[\w.-]{1,32}:([^\s'\"$|]{1,100})['\"]?[ \t]{0,4}\|[^\r\n|;]{0,20}chpasswd", "echo 'root:hun¦ter2' | chpasswd", "echo 'root:' | chpasswd", needs=("chpasswd",)),
    Rule("password", ("htpasswd",), r"htpasswd[ \t]{1,4}(?:-\w{0,6}n\w{0,6}|-\w{1,6}[ \t]{1,4}[^\s'\"-][^\s'\"]{0,200})[ \t]{1,4}[\w.@-]{1,64}[ \t]{1,4}['\"]?([^\s'\"$]{1,200}+)", "htpasswd -cb .htpasswd admin hun¦ter2", "htpasswd -b .htpasswd admin $PW"),
    Rule("password", ("-pass",), r"(?:-pass|-passin|-passout)[ \t]{1,4}pass:([^\s'\"$]{1,200}+)", "openssl rsa -passin pass:hunter¦2", "openssl rsa -passin pass:$PW", needs=("pass:",)),
    Rule("password", ("requirepass", "masterauth", "sentinel auth-pass"), r"(?:requirepass|masterauth|sentinel auth-pass \w{1,40})[ \t]{1,8}[\"']?([^\s\"'$<]{1,400}+)", "requirepass hun¦ter2", "requirepass $PW"),
    Rule("password", ("login",), r"login[ \t]{1,8}[^\s]{1,100}[ \t\r\n]{1,8}password[ \t]{1,8}([^\s$<]{1,200}+)", "machine nas login me password hunter¦2", "login failed password wrong", True, needs=("password",)),
    Rule("password", ("identified ",), r"identified (?:with [\w'\"]{1,40} )?(?:by|as)(?: password)?[ \t]{0,4}(?:'([^'\r\n]{1,200}+)'|\"([^\"\r\n]{1,200}+)\")", "CREATE USER a IDENT¦IFIED BY 'hunter2'", "IDENTIFIED BY ''", True),
    Rule("password", ("password '", "password \"", "password('"), r"password[ (](?:'([^'\r\n]{1,200}+)'|\"([^\"\r\n]{1,200}+)\")", "ALTER ROLE me WITH PASS¦WORD 'hunter2'", "ALTER ROLE me PASSWORD ''", True, command=("CREATE ", "ALTER ", "SET ", "create ", "alter ", "set ")),
    Rule("secret", ("define(",), r"define\([ \t]{0,4}['\"]\w{0,40}(?:password|key|salt|secret|token)['\"],[ \t]{0,40}(?:'([^'\r\n]{1,200}+)'|\"([^\"\r\n]{1,200}+)\")", "define('DB_PASSWORD', 'hunter¦2');", "define('DB_PASSWORD_KEY', 1)", True),
    Rule("password", ("/p:", "/pass:", "/PASSWORD:", "/password:"), r"/(?:p|pass|password|PASSWORD):['\"]?([^\s'\"$\0]{1,200}+)", "xfreerdp /v:pc /u:me /p:hun¦ter2", "xfreerdp /v:pc /p:$PW; http:/p:80", command=("freerdp", "mstsc", "rdesktop", "cmdkey", "vpncmd", "softether")),
    Rule("password", ("net use",), r"net use[ \t][^\r\n]{0,200}?/user:[^\s]{1,100}[ \t]{1,4}([^\s/%*][^\s]{0,200}+)", "net use z: //nas/x /user:me hun¦ter2", "net use z: //nas/x /user:me *", True),
    Rule("gitea-token", ("token",), r"token[\w \t]{0,60}: ([0-9a-f]{40})(?!\w)", "Access token was successfully cre¦ated: {H40}", "token: none", True),
    Rule("password", ("@tcp(", "@unix("), r":([^\s/:@\"'\0]{1,200})@(?:tcp|unix)\(", "nc:hun¦ter2@tcp(db:3306)/nc", "nc@tcp(db:3306)/nc", inside=True),
    Rule("password", ("mosquitto_passwd",), r"mosquitto_passwd[ \t]{1,4}-\w{0,3}b\w{0,3}[ \t]{1,4}[^\s]{1,200}[ \t]{1,4}[^\s]{1,64}[ \t]{1,4}['\"]?([^\s'\"$\0]{1,200}+)", "mosquitto_passwd -b /etc/pw me hun¦ter2", "mosquitto_passwd -c /etc/pw me"),
    Rule("basic-auth", ("AUTH PLAIN ", "AUTH LOGIN ", "SASL PLAIN "), r"(?:AUTH|SASL) (?:PLAIN|LOGIN) ((?=[A-Za-z+/]{0,100}[\d=])[A-Za-z0-9+/]{8,400}+={0,2})", "C: AUTH PL¦AIN {A22}==", "AUTH PLAIN is off"),
    Rule("password-hash", ("@ByteArray(",), r"@ByteArray\(([\w+/=]{16,100}:[\w+/=]{16,200})\)", "Password_PBKDF2=\"@Byte¦Array({A22}==:{A86}==)\"", "@ByteArray(0)"),
    Rule("psk", ("PSK \"", "XAUTH \"", "EAP \""), r":[ \t]{0,4}(?:PSK|XAUTH|EAP) \"([^\"\r\n]{1,200}+)\"", "@home %any : PSK \"hunter¦2\"", ": PSK is needed", inside=True),
    Rule("push-address", ("discord://", "gotify://", "gotifys://", "tgram://", "pover://", "pushover://", "pbul://", "slack://", "ntfys://"), r"(?:discord|gotifys?|tgram|pover|pushover|pbul|slack|ntfys)://(?:[\w.:-]{1,80}/(?=[\w-]{15}))?((?=[^\s\"'<>]{0,60}\d)[^\s\"'<>\0]{15,300}+)(?!\0)", "apprise dis¦cord://{N18}/{A68}", "discord://localhost and slack://channel"),
    Rule("sentry-dsn", ("https://",), r"https://([0-9a-f]{32})@(?=[\w.-]{1,100}/\d)", "SENTRY_DSN=https://{H32}@o1.sentry.example/2", "https://me@o1.sentry.example/2"),
    Rule("vault-key", ("Unseal Key", "Recovery Key"), r"(?:Unseal|Recovery) Key \d{1,2}: ([A-Za-z0-9+/]{43,44}+=?)", "Unseal Key 1: {A43}=", "Unseal Key 1: lost"),
    Rule("vault-key", ("secret_id",), r"secret_id[\"']?[ \t]{0,20}[ \t=:][ \t]{0,20}[\"']?([0-9a-f]{8}-[0-9a-f-]{27})(?!\w)", "secret_id   {G}", "secret_id_accessor {G}"),
    Rule("setup-key", ("setup",), r"setup[_-]?key[\"']?[ \t]{0,4}[=: ][ \t]{0,4}[\"']?([0-9a-f]{8}-[0-9a-f-]{27})(?!\w)", "NB_SETUP¦_KEY={G}", "setup key: none", True),
    Rule("wireguard-key", ("wg pubkey",), r"([A-Za-z0-9+/]{43}=)['\"]?[ \t]{0,4}\|[ \t]{0,4}wg pubkey", "echo {A43}= | wg pubkey", "wg genkey | wg pubkey", inside=True),
    Rule("password", (":5432:", ":5433:", ":6432:", ":*:"), r":(?:543[23]|6432|\*):[\w*.-]{1,63}:[\w*.-]{1,63}:([^\s:\0]{1,200}+)(?![^\s])", "db:5432:nc:nc:hun¦ter2", "listen on 0.0.0.0:5432: bind: in use"),
    Rule("password", ("]:25 ", "]:465 ", "]:587 ", "]:2525 "), r"\]:(?:25|465|587|2525)[ \t]{1,8}[^\s:\0]{1,100}:([^\s:\0]{4,200}+)(?![^\s])", "[smtp.home]:587 me@x.example:hun¦ter2", "[smtp.home]:587 said: 5.7.8"),
    Rule("snmp-community", ("snmp-server community", "rocommunity", "rwcommunity"), r"(?:snmp-server community|r[ow]community6?)[ \t]{1,8}([^\s\"'$<\0]{3,100}+)", "snmp-server community hunter¦2 RW", "community edition"),
    Rule("password-hash", ("password 7 ", "secret 5 ", "secret 8 ", "secret 9 "), r"(?:password 7|secret [589]) ([\w$./]{8,200}+)", "username me password 7 0{K14}", "password 7 times"),
    Rule("password", ("monitor",), r"monitor[ \t]{1,4}[\w@.:-]{1,80}[ \t]{1,4}\d[ \t]{1,4}[\w-]{1,40}[ \t]{1,4}([^\s\0]{1,100}+)[ \t]{1,4}(?:master|slave|primary|secondary)", "MONITOR ups@nas 1 upsmon hun¦ter2 slave", "monitor ups@nas is the primary", True),
    Rule("password", ("assword for ",), r"assword for (?:the )?(?:new )?(?:user |account )?['\"]?[\w.@-]{1,60}['\"]?(?:[ \t]?:| is(?: set to)?:?| =)[ \t]{1,4}['\"]?((?=[^\s\0]{0,60}(?:\d|[a-z][A-Z]))[^\s\0'\"]{6,200}+)", "Generated password for user admin: hun¦ter2", "[sudo] password for me: Sorry, try again. Failed password for root from 10.0.0.1"),
    Rule("password", (" -P",), r" -P[ \t]{0,4}['\"]?([^\s'\"$|;\0-][^\s'\"|;\0]{0,200}+)", "ipmitool -I lanplus -H bmc -U root -P hunter¦2 sol", "ipmitool -H bmc -P $PW", command=("ipmitool", "ipmi-")),
    Rule("password", (" password ", "psk "), r"(?: password|psk)[ \t]{1,4}['\"]?([^\s'\"$|;\0-][^\s'\"|;\0]{0,200}+)", "nmcli dev wifi connect home password hun¦ter2", "nmcli asks for the wifi password; psk $PW", command=("nmcli",)),
    Rule("password", ("pihole",), r"pihole (?:-a -p|setpassword|-a [ \t]{0,4}-p)[ \t]{1,4}['\"]?([^\s'\"$|;\0-][^\s'\"|;\0]{0,200}+)", "pihole -a -p hun¦ter2", "pihole -a -p; pihole setpassword"),
    Rule("password", ("://",), r"://[^\s/:@\"'<>?#\0\\]{0,128}+:(?!//)([^\s/\"'<>\0\\]{1,256})@(?=[\w\[$<{.-])(?!sha256:)", "postgres://u:pq¦7@h/db", "docker-pullable://nginx:1.25@sha256:{H64}"),
    Rule("password", ("://",), r"://[^\s/:@\"'<>?#\0]{0,128}+:(?!\d{1,5}/)([^\s\"'<>\0@]{1,256})@(?=[\w\[])", "redis://:p/a¦ss@h:6379", "redis://h:6379/0 by a@b", command=("sql:", "sql+", "postgres:", "redis", "amqp", "mongodb", "mqtt", "rtsp", "ftp:", "smtp", "imap", "ldap", "smb:")),
    Rule("password", (" -N",), r" -N[ \t]{1,4}(?:'([^'\r\n\0]{1,200}+)'|\"([^\"\r\n$\0]{1,200}+)\"|([^\s'\"$\0-][^\s'\"|;\0]{0,200}+))", "ssh-keygen -t ed25519 -N 'hunter¦2' -f id", "ssh-keygen -N \"\" -f id", command=("ssh-keygen",)),
    Rule("password", ("echo ",), r"echo[ \t]{1,4}(?:-n[ \t]{1,4})?['\"]?([^\s'\"$|]{1,100})['\"]?[ \t]{0,4}\|[ \t]{0,4}(?:sudo[ \t]{1,4})?cryptsetup", "echo -n hunter¦2 | cryptsetup open /dev/sdb1 x", "echo $PW | cryptsetup open /dev/sdb1 x", needs=("cryptsetup",)),
    Rule("secret", ("<<<",), r"<<<[ \t]{0,4}['\"]?([^\s'\"$\0]{6,400}+)", "podman secret create db - <<< hunter¦2", "cat <<< hello", command=("secret create", "sudo -S", "cryptsetup", "passwd")),
    Rule("secret", ("alias set",), r"alias set [\w.-]{1,64} https?://[^\s\0]{1,200} [^\s$\0]{1,100} ['\"]?([^\s'\"$\0]{6,200}+)", "mc alias set nas http://nas:9000 me hunter¦22", "mc alias set nas http://nas:9000"),
    Rule("secret", ("config set --secret",), r"config set --secret [\w.:-]{1,80} ['\"]?([^\s'\"$\0-][^\s'\"\0]{3,400}+)", "pulumi config set --secret dbUser hunter¦2", "pulumi config set --secret dbUser $PW"),
    Rule("password", ("bw unlock ", "bw login "), r"bw (?:unlock|login [\w.+-]{1,64}@[\w.-]{1,100})[ \t]{1,4}['\"]?([^\s'\"$\0-][^\s'\"\0]{5,200}+)", "bw unlock hunter¦22 --raw", "bw unlock --raw"),
    Rule("password", (" -p", " -P"), r" -[pP][ \t]{1,4}['\"]?(?!\d{1,5}(?:[: ]|$))([^\s'\"$|;\0-][^\s'\"|;\0]{2,200}+)", "racadm -r idrac -u root -p hunter¦2 getsysinfo", "docker run --name mongo -p 27017:27017 x", command=("racadm", "mongo", "noip", "sqlcmd", "onvif")),
    Rule("snmp-community", (" -c",), r" -c[ \t]{1,4}['\"]?(?!public|private)([^\s'\"$|;\0-][^\s'\"|;\0]{2,100}+)", "snmpwalk -v2c -c hunter¦2 switch", "snmpwalk -c $COMMUNITY switch", command=("snmpwalk", "snmpget", "snmpset", "snmpbulkwalk", "snmptranslate")),
    Rule("influx-token", (" -t", " --token"), r" (?:-t|--token)[ \t=]{1,4}['\"]?([\w-]{60,120}+={0,2})", "influx config create -n lab -t {A86}==", "influx query -t $TOKEN", command=("influx",)),
    Rule("esphome-key", ("encryption:",), r"encryption:[ \t]{0,4}(?:\r?\n[ \t]{1,20})?key:[ \t]{0,4}[\"']?([a-z0-9+/]{43}=)", "encryption: key: {A43}=", "encryption: key: my-file", True),
    Rule("storj-grant", ("access",), r"access(?:(?<=storj_access)|[_ -]?grant)[\"']?[ \t]{0,4}[=: ][ \t]{0,4}[\"']?(1[a-z0-9]{60,2000}+)", "STORJ_ACC¦ESS_GRANT=1{A100}", "ACCESS_GRANT=1", True),
    Rule("api-key", ("?appid=", "&appid="), r"[?&]appid=([0-9a-f]{32})(?!\w)", "/data/2.5/weather?q=Rome&appid={H32}", "?appid=570"),
    Rule("authorization", ("?auth=", "&auth="), r"[?&]auth=((?=[A-Za-z+/]{0,100}\d)[A-Za-z0-9+/]{16,400}+={0,2})(?![\w-])", "/ISAPI?auth={A22}1=", "?auth=token and ?auth=basicauthentication"),
    Rule("headscale-key", ("preauth",), r"preauth[ _-]?keys?[\"']?[ \t]{0,4}[=: ][ \t]{0,4}[\"']?([0-9a-f]{48})(?!\w)", "headscale preau¦thkeys: {H48}", "preauthkeys list", True),
    Rule("crowdsec-key", ("key for '",), r"key for '[\w.-]{1,80}':[ \t]{0,4}(?:\r?\n[ \t]{0,8}){0,2}([\w+/=-]{20,100}+)", "API key for 'caddy': {A43}", "key for 'caddy': none"),
    Rule("otp-seed", ("totp", "2fa", "mfa", "otp"), r"(?:totp|2fa|mfa|otp)[ _-]?(?:seed|code|key)[\"']?[ \t]{0,4}[=:][ \t]{0,4}[\"']?([a-z2-7]{16,128}+)(?![\w-])", "TOTP seed: {U32}", "otp code: wrong", True),
    Rule("recovery-code", ("recovery code", "backup code"), r"(?:recovery|backup) codes?(?:[ \t]{0,4}[=:]| is| are)[ \t]{0,4}((?=[a-z-]{0,30}\d)[a-z0-9]{4,10}(?:(?:-|[ ,]{1,2}(?=[a-z-]{0,10}\d))[a-z0-9]{4,10}){1,15})(?![\w-])", "recovery code: {x5}7-{x5}", "recovery code: not-found", True),
    Rule("password", ("login", "credentials", "creds", "default", "wifi", "wi-fi", "bmc", "ipmi", "idrac", "ilo", "user"), r"(?:login|credentials|creds|default|wi-?fi|bmc|ipmi|idrac|ilo|user(?:name)?):? [\w.@-]{1,64} / (?![\d.]{7,15}(?![\w.]))((?=[^\s\0/]{0,60}\d)[^\s\0/]{8,64}+)(?!/)", "login: admin / hunter¦22", "login: admin / 10.0.0.1/24 and user me / none", True, needs=(" / ",)),
    Rule("salt", ("passwordsalt", "passwdsalt", "secretsalt", "_salt"), r"(?:password|passwd|secret|_)salt[\"']?[ \t]{0,4}(?:=>|[=:])[ \t]{0,4}[\"']?([\w+/=.-]{16,200}+)", "'passwordsalt' => '{A30}'", "passwordsalt: none", True),
    Rule("presigned-url", ("signature=", "security-token="), r"(?:signature|security-token)=((?=[^\s&]{0,60}\d)[\w%+/=-]{20,2000}+)", "?X-Amz-Expires=60&X-Amz-Sig¦nature={H64}", "signature=missing_or_not_verifiable", True),
    Rule("headscale-key", ("hskey-",), r"hskey-(?:auth|api|authreq)-[\w-]{20,200}+", "hske¦y-auth-{A12}-{A64}", "hskey-auth"),
    Rule("webhook-url", ("/hook", "/webhook"), r"/(?:web)?hooks?/((?=[\w/-]{0,60}\d)(?=[\w/-]{0,60}[A-Za-z])(?:[\w-]{1,40}/)?[\w-]{20,200}+)", "POST https://chat.home/hoo¦ks/{x26}", "GET /webhooks/list-of-all-of-the-webhooks and kb/hooks/pre-commit"),
    Rule("zerotier-key", (":0:",), r":0:[0-9a-f]{128}:([0-9a-f]{128})", "{H10}:0:{N128}:{H128}", "{H10}:0:{H128}"),
    Rule("docker-auth", ("eyJhdXRocyI6", "ewogICJhdXRocyI6", "ewoJImF1dGhz", "eyAiYXV0aHMi"), r"(?:eyJhdXRocyI6|ewogICJhdXRocyI6|ewoJImF1dGhz|eyAiYXV0aHMi)[\w+/=-]{20,20000}+", ".dockerconfigjson: ey¦JhdXRocyI6{A60}", "eyJhdXRocyI6 is how it begins"),
    Rule("private-key", ("\"d\"", "\"k\""), r"\"[dk]\"[ \t]{0,4}:[ \t]{0,4}\"([\w-]{40,4000}+)\"", "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"d\":\"{A90}\"}", "{\"d\":\"{A90}\"}", needs=("\"kty\"",)),
    Rule("private-key", ("BORG_KEY ",), r"BORG_KEY [0-9a-f]{64}\r?\n((?:[A-Za-z0-9+/=]{4,200}+(?:\r?\n|$)){1,60})", "BORG_KEY {H64}\n{A64}\n{A20}==", "BORG_KEY is exported"),
    Rule("psk", ("WIFI:",), r"WIFI:(?:[A-OQ-Z]:[^;\r\n]{0,64};){0,5}P:((?:\\.|[^;\\\r\n]){1,100})(?=;)", "WIFI:S:home;T:WPA;P:hunter¦2;;", "WIFI:S:home;T:nopass;;"),
    Rule("psk", ("option key",), r"option key[ \t]{1,8}['\"]([^'\"\r\n]{5,100}+)['\"]", "option key 'hunter¦2'", "option key '1'"),
    Rule("password", ("SHA", "MD5", "AES", "DES"), r"(?:SHA(?:-?\d{3})?|MD5|AES(?:-?\d{3})?|DES)[ \t]{1,4}['\"]?((?!DES|AES|SHA|MD5)[^\s'\"$\0]{8,100}+)", "createUser me SHA hunter¦22 AES", "createUser me SHA AES", command=("createUser", "usmUser")),
    Rule("password", (" -ap", " -pw"), r" -(?:ap|pw)[ \t]{1,4}['\"]?([^\s'\"$|;\0-][^\s'\"|;\0]{0,200}+)", "swaks --server mx -au me -ap hunter¦2", "swaks -ap $PW", command=("swaks", "plink", "pscp", "psftp", "putty")),
    Rule("password", (" -p",), r" -p(?:'([^'\r\n\0]{1,200}+)'|\"([^\"\r\n$\0]{1,200}+)\"|([^\s'\"$\0-][^\s'\"|;\0]{0,200}+))", "7z a -phunter¦2 x.7z /srv", "7z a -p x.7z", command=("7z", "7za", "7zz", "rar ", "unrar")),
    Rule("password", (" -P ",), r" -P[ \t]{1,4}['\"]?([^\s'\"$|;\0-][^\s'\"|;\0]{0,200}+)", "unzip -P hunter¦2 x.zip", "unzip -P $PW x.zip", command=("zip ",)),
    Rule("password", (" -n", " --auth"), r" (?:-n|--auth)[ \t=]{1,4}['\"]?[^\s'\":$\0]{1,100}:([^\s'\"$\0]{1,200}+)", "transmission-remote nas -n me:hunter¦2 -l", "transmission-remote nas -n me: -l", command=("transmission-remote",)),
    Rule("password", (" -u",), r" -u[ \t]{0,4}['\"]?[^\s'\",$\0]{1,100},([^\s'\"$\0]{1,200}+)", "lftp -u me,hunter¦2 ftp.home", "lftp -u me ftp.home", command=("lftp",)),
    Rule("password", ("+login",), r"\+login[ \t]{1,4}[\w.@-]{1,64}[ \t]{1,4}([^\s'\"$+\0-][^\s\0]{3,100}+)", "steamcmd +login me hunter¦2 +quit", "steamcmd +login anonymous +quit"),
    Rule("password", ("user set password", "mysqladmin", "mariadb-admin", "root-password"), r"(?:user set password[ \t]{1,4}\d{1,3}|(?:mysql|mariadb-)admin[^\r\n|;]{0,100} password|root-password[ =]password:)[ \t]{0,4}['\"]?([^\s'\"$\0-][^\s'\"\0]{2,200}+)", "ipmitool user set password 2 hunter¦2", "ipmitool user set password 2"),
    Rule("token", ("cargo login", "gh secret set", "rclone obscure", "vault operator unseal", "vault login", "cloudflared service install", "mullvad account login", "immich login", "doctl auth init -t", "cscli console enroll"), r"(?:cargo login|gh secret set \w{1,60} (?:--body|-b)|rclone obscure|vault (?:operator unseal|login)|cloudflared service install|mullvad account login|immich login https?://[^\s\0]{1,200}|doctl auth init -t|cscli console enroll)[ \t]{1,4}['\"]?([^\s'\"$<|;\0-][^\s'\"|;\0]{5,600}+)", "rclone obscure hunter¦2", "rclone obscure $PW"),
    Rule("password", ("pass", "extpass"), r"(?:pass(?:word|phrase)?[_-]?(?:command|cmd)|extpass)[\"']?[ \t]{0,4}[=: ][ \t]{0,4}[\"']{0,2}(?:echo|printf)[ \t]{1,4}(?:-n[ \t]{1,4}|'?%s'?[ \t]{1,4})?['\"]?([^\s'\"$|\0]{1,200}+)", "BORG_PASSCOMMAND='echo hunter¦2'", "BORG_PASSCOMMAND='cat /root/.pw' and command: echo done", True, needs=("echo", "printf")),
    Rule("password", ("echo ", "printf "), r"(?:echo|printf)[ \t]{1,4}(?:-\w{1,2}[ \t]{1,4}|['\"]?%s(?:\\n)?['\"]?[ \t]{1,4})?['\"]?([^\s'\"$|`\0]{4,200}+)(?<!:)['\"]?[ \t]{0,4}\|[ \t]{0,4}+(?!(?:sudo[ \t]{1,4})?(?:grep|sed|awk|cut|tr |wc|head|tail|cat|less|jq|xargs|sort|mail|nc |curl|ssh |chpasswd))[^\r\n|]{0,80}?(?:pass|secret|-token|token |load-key|keyformat|keepass|crypt|login|vault|kinit)", "echo hunter¦2 | docker login -u me --password-stdin", "echo $PW | docker login --password-stdin; echo hello | grep password"),
    Rule("secret", ("echo ", "printf "), r"(?:echo|printf)[ \t]{1,4}(?:-\w{1,2}[ \t]{1,4}|['\"]?%s(?:\\n)?['\"]?[ \t]{1,4})?['\"]?((?=[^\s'\"]{0,60}\d)[^\s'\"$|`\0:=/]{6,200}+)['\"]?[ \t]{0,4}(?:\|[ \t]{0,4}(?:base64|sha256sum|argon2)(?![ \t]{1,4}-d)|(?:\|[ \t]{0,4}(?:sudo[ \t]{1,4})?tee(?:[ \t]{1,4}-a)?|>>?)[ \t]{0,4}[^\s|;]{0,100}(?:pass|secret|token|cred|vault|_key|\.key))", "echo -n hunter¦2 | base64", "echo build42 > out.txt; echo $PW | base64; echo 1234567 | base64 -d", needs=("base64", "sha256sum", "argon2", "pass", "secret", "token", "cred", "vault", "key")),
    Rule("secret", ("openssl rand", "wg gen", "pwgen", "/dev/urandom", "get secret", "admin initial-password", "pass show", "bw get ", "op read", "kv get -field", "apikeys create", "initialAdminPassword", "generate secret"), r"(?:openssl rand|wg gen(?:key|psk)|pwgen|/dev/urandom|get secret[^\r\n]{0,200}(?:base64 (?:-[dD]|--decode)|jsonpath)|admin initial-password|pass show|bw get (?:password|notes|totp)|op read|kv get -field|apikeys create|initialAdminPassword|generate secret)[^\r\n]{0,200}+\r?\n((?=[^\s]{0,60}\d)(?=[^\s]{0,60}[A-Za-z])[\w+/=.@!#%^&*?-]{8,200}+)[ \t]{0,4}(?=\r?\n|$)", "openssl rand -base64 32\n{A43}=\n", "openssl rand -base64 32 > key\ndocker compose up"),
    Rule("password", (" password",), r" password[\w ,()'/-]{0,60}:[ \t]{1,4}['\"]?((?=[^\s]{0,60}(?:\d|[a-z][A-Z]|[!#$%^&*?]))[^\s'\"$<\0\[({]{6,100}+)['\"]?[ \t]{0,4}(?=\r?\n|$)", "A temporary password is provided for this session: hun¦ter2", "the default password policy for users: strict\nnew password for user root: ok", command=("emporary", "nitial", "enerated", "efault", "one-time", "andom", "new", "New", "bootstrap")),
    Rule("password-hash", ("\"{",), r"\"(\{[0-9a-f]{40}[A-Za-z0-9./]{8})\"", "\"rpc-pass¦word\": \"{{H40}{A8}\"", "\"{H40}\""),
    Rule("secret", ("variable",), r"variable[ \t]{1,4}\"[\w-]{0,60}(?:password|token|secret|_key|passphrase)[\w-]{0,20}\"[ \t]{0,4}\{[^{}]{0,400}?default[ \t]{0,8}=[ \t]{0,8}\"([^\"$\r\n]{4,400}+)\"", "variable \"db_password\" { default = \"hunter¦2\" }", "variable \"db_password\" { type = string }"),
    Rule("seed-phrase", ("mnemonic", "seed", "recovery phrase"), r"(?:mnemonic|seed(?:[ _]?phrase)?|recovery phrase)[\"']?(?: is)?[ \t]{0,4}[:=]?[ \t]{1,4}[\"']?((?:[a-z]{3,8} ){11,23}[a-z]{3,8})(?![ \w])", "seed phrase: " + "abandon ability " * 5 + "able about", "seed: the torrents that were added by me a week ago are all stalled", True),
    Rule("pin", ("pin",), r"(?<![a-z0-9])pin(?:[_ -]?code)?[\"']?(?:[ \t]{0,4}[:=]|[ \t]{1,4}is)[ \t]{0,4}[\"']?(\d{4,8}|\d{3}-\d{2}-\d{3})(?![\w.-])", "alarm pin: 4711¦", "pin: 17 and gpio_pin: GPIO4 and spin: 1000", True),
    Rule("dyndns-url", ("afraid.org/",), r"afraid\.org/(?:dynamic/update\.php\?|u/)([\w=]{16,200}+)", "curl https://freedns.afraid¦.org/dynamic/update.php?{A44}", "https://freedns.afraid.org/dynamic/v2/"),
    Rule("url-token", ("://",), r"://((?=[\w-]{0,60}\d)[\w-]{24,300}+)@(?=[\w\[])", "https://{A40}@git.home/me/lab", "ssh://a-user-of-that-long-name@nas"),
    *(Rule("api-token", (head,), re.escape(head) + r"(?=[\w.+/=-]{0,80}\d)[\w.+/=-]{20,4000}+", f"{head}{{A36}}", f"{head}documentation_of_the_api_of_that_company") for head in "ops_eyJ ATATT3 ATCTT3 ATBB AKCp cmVmd dnkey- dt0c01. fm1_ fm2_ fo1_ shpat_ shpss_ sbp_ lin_api_ ntn_ NRAK- PMAK- pscale_tkn_ pscale_pw_ pscale_oauth_ rubygems_ sgp_ tfp_ xkeysib- xsmtpsib- lsv2_pt_ lsv2_sk_ nfp_ sq0atp- sq0csp- rnd_ CFPAT- HRKU- figd_ mlsn. bkua_ tvly- nvapi- nbp_ phx_ glffct- tgp_ apify_api_ ptr_ GR1348941".split()),
    *(Rule("api-token", (head,), re.escape(head) + rf"(?<!\w.{{{len(head)}}}){tail}(?!\w)", head + example, head + "documentation_of_the_api_of_that_company") for head, tail, example in (("dapi", "[0-9a-f]{32}", "{H32}"), ("pul-", "[0-9a-f]{40}", "{H40}"), ("oy2", "[a-z0-9]{43}", "{x43}"), ("sk1_", "[0-9a-f]{64}", "{H64}"), ("pk1_", "[0-9a-f]{64}", "{H64}"), ("cio", "[A-Za-z0-9]{32}", "{A32}"), ("re_", "[A-Za-z0-9]{8}_[A-Za-z0-9]{20,30}", "{A8}_{A24}"), ("gAAAAA", "[\\w-]{60,4000}", "{A90}"))),
    Rule("authorization", ("x-",), r"x-[\w-]{0,30}auth[\"']?:[ \t]{0,4}[\"']?((?=[^\s]{0,60}\d)[\w.~+/=:-]{12,2000}+)", "X-ZT1-Auth: {x24}", "X-Forwarded-Auth: none", True),
    Rule("azure-key", ("Q~",), r"[\w~.]{3}\dQ~(?<![\w~.]{7})[\w~.-]{31,34}(?![\w~-])", "abc8Q¦~{A34}", "Q~ is a mark", inside=True),
    Rule("1password-key", ("A3-",), r"A3-(?<!\w...)[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}", "Secret Key A¦3-{U6}-{U6}-{U5}-{U5}-{U5}-{U5}", "A3-size paper"),
    Rule("private-key", ("LS0tLS1CRUdJTiB",), r"LS0tLS1CRUdJTiB(?:QUklWQVRF|SU0EgUFJJVkFUR|FQyBQUklWQVRF|PUEVOU1NI|FTkNSWVBURUQg|EU0EgUFJJVkFUR|QR1AgUFJJVkFUR)[\w+/=]{16,20000}+", "<prv>LS0tLS1CRUdJTiB¦QUklWQVRF{A90}</prv>", "ca.crt: LS0tLS1CRUdJTiBDRVJU{A90}"),
    Rule("aws-key", ("AKIA", "ASIA"), r"A(?:KIA|SIA)[A-Z0-9]{16}:[\w+/]{40}(?![\w+/])", "AK¦IA{U16}:{A40}", "arn:aws:iam::AKIA"),
    *(Rule("password", (head,), re.escape(head) + r"(?: level \d{1,2})?(?>(?: [0789]| --(?:plaintext|iscrypted))?)[ \t]{1,4}(?![\[{(]|--)['\"]?((?!set|add|print|find)[^\s'\"$<\0-][^\s'\"\0]{2,200}+)", f"{head} hunter¦2 now", f"{head} [ find default=yes ]") for head in ("enable password", "enable secret", "isakmp key", "wpa-psk ascii", "wpa-psk hex", "snmp community", "rootpw")),
    Rule("password", ("tacacs", "radius"), r"(?:tacacs|radius)(?:-server)?[^\r\n]{0,60}? key(?: \d)?[ \t]{1,4}((?=[^\s]{0,60}\d)[^\s'\"$<\0-][^\s'\"\0]{2,200}+)", "tacacs-server host 10.0.0.1 key 7 hunter¦2", "radius key"),
    Rule("password", ("passwd/",), r"passwd/[\w-]{1,40}password(?:-again)? password[ \t]{1,4}([^\s$<\0]{3,200}+)", "d-i passwd/root-password password hunter¦2", "d-i passwd/root-password seen true"),
    Rule("snmp-community", ("snmp community",), r"snmp community[^\r\n]{0,100}? name=[\"']?([^\s\"'$\0]{3,100}+)", "/snmp community set 0 name=hunter¦2", "/snmp community print"),
    Rule("psk", ("wireless", "wifi"), r"(?:wireless|wifi)\.[\w@\[\]-]{1,60}\.key=[\"']?([^\s\"'$\0]{5,100}+)", "uci set wireless.radio0.key='hunter¦2'", "wireless.radio0.key=1"),
    Rule("password", ("l2tpd", "pptpd", "pppoe"), r"(?:l2tpd|pptpd|pppoe[\w-]{0,20})[ \t]{1,8}(?:\"([^\"\r\n\0]{3,100}+)\"[ \t]{1,8}[*\d]|([^\s\"'$\0]{3,100}+)[ \t]{1,8}\*)", "\"me\" l2tpd \"hunter¦2\" *", "pptpd restarted 3 times"),
    Rule("password", ("<(",), r"<\([ \t]{0,2}(?:echo|printf)[ \t]{1,4}(?:-\w{1,2}[ \t]{1,4}|['\"]?%s['\"]?[ \t]{1,4})?['\"]?([^\s'\"$\0)]{3,200}+)['\"]?[ \t]{0,2}\)", "sshpass -f <(echo hunter¦2) ssh nas", "diff <(echo abc) x", command=("pass", "key", "secret", "token", "login")),
    Rule("password", ("assword",), r"assword:?[\"'*)]{0,4}[ \t;\r\n]{0,40}(?:\{[ \t\r\n]{0,20})?send(?:line)?(?: --)?[ \t(]{1,4}[\"']([^\"'$\\\0]{2,200}+)", "expect \"password:\"\nsend \"hunter¦2\\r\"", "expect \"assword:\"\nsend \"$PW\\r\"", needs=("send",)),
    Rule("password", (" -u", " -U"), r" -[uU] ?['\"]?[A-Za-z][\w.@\\-]{0,60}['\"]? -[pP] ?['\"]?(?![\d.:\[\]/-]{1,40}(?:[ /\r\n]|$))([^\s'\"$|;\0-][^\s'\"|;\0]{2,200}+)", "cqlsh -u me -p hunter¦2", "docker run -u root -p 127.0.0.1:8080:80 -u me -p 80:80", command=("cqlsh", "cassandra", "psexec", "ncftp", "kcadm", "admin", "tea ", "nxc", "smb", "hydra", "impacket", "redfish", "arango", "upscmd", "upsrw", "restic", "gotify", "ntfy")),
    Rule("password", ("LOGIN ",), r"(?<!SASL )LOGIN \"?[\w.@+-]{1,100}\"? \"?((?=[^\s]{0,60}\d)[^\s\"\0]{5,100}+)\"?(?=[ \t]*(?:\r?\n|$))", "a1 LOGIN me@home.example hun¦ter2", "SASL LOGIN authentication failed: UGFzc3dvcmQ6\nLOGIN failed for me"),
    Rule("passkey", ("/announce",), r"/(?:announce/([0-9a-f]{32})|([0-9a-f]{32})/announce)(?!\w)", "https://tracker.example/announce/{H32}", "/announce/ is down", inside=True),
    Rule("password", ("?u=", "&u="), r"[?&]u=[^&\s\0]{1,60}&(?:t=([0-9a-f]{32})|p=((?:enc:)?[^&\s\0]{3,100}))(?=&)", "/rest/ping?u=me&p=hunter¦2&c=x", "/rest/ping?u=me&c=x"),
    Rule("zwave-key", ("s0_", "s2_"), r"s[02]_[a-z]{4,30}(?:_?key)?[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?([0-9a-f]{32})(?!\w)", "S2_Authenticated: {H32}", "s2_version: 3", True),
    Rule("webhook-url", ("webhook",), r"webhook_?id[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?((?=[\w-]{0,60}\d)[\w-]{16,100}+)", "webhook_id: {H64}", "webhook_id: doorbell", True),
    Rule("kubernetes-token", ("token-",), r"token-[a-z0-9]{5}:([a-z0-9]{54})(?!\w)", "token-{x5}:{x54}", "token-abcde:latest"),
    Rule("password", ("Auth(", "auth=(", "auth = (", ".auth(", ".begin(", "username_pw_set(", ".login(", "redentials("), r"(?:Auth|auth ?= ?|\.auth|\.begin|username_pw_set|\.login|redentials)\(\s{0,20}[\"'][^\"'\r\n]{0,100}[\"'],\s{0,20}[\"']([^\"'\r\n\0]{3,200}+)[\"']", "requests.get(u, auth=('me', 'hunter¦2'))", "x.login('me', 'password'); auth=(user, pw)"),
    Rule("password", ("_connect(", "new PDO(", "new mysqli(", ".connect("), r"(?:_connect|new PDO|new mysqli|\.connect)\(\s{0,20}[\"'][^\"'\r\n]{0,200}[\"'],\s{0,20}[\"'][^\"'\r\n]{0,100}[\"'],\s{0,20}[\"']([^\"'\r\n\0]{3,200}+)[\"']", "new PDO('mysql:host=db', 'root', 'hunter¦2')", "new PDO($dsn, $user, $pw)"),
    Rule("password", ("rabbitmqctl", "net user ", "ConvertTo-SecureString"), r"(?:rabbitmqctl (?:add_user|change_password) [\w.@-]{1,64}|net user [\w.-]{1,64}|ConvertTo-SecureString(?: -String)?)[ \t]{1,4}['\"]?([^\s'\"$/*\0-][^\s'\"\0]{2,200}+)", "rabbitmqctl add_user me hunter¦2", "net user me /add"),
    Rule("password", ("NickServ", "ACL SETUSER "), r"(?:NickServ[: ]{1,2}IDENTIFY|ACL SETUSER [\w-]{1,64} [^\r\n>]{0,60}>)[ \t]{0,4}([^\s\0]{3,100}+)", "/msg NickServ IDENTIFY hunter¦2", "NickServ: IDENTIFY"),
    Rule("password", ("PASSWORD ",), r"PASSWORD [a-z_]{3,40} = ([^\s\0]{8,100}+)", "PASSWORD elastic = hunter¦22", "PASSWORD elastic = short"),
    Rule("password", ("password to proceed",), r"password to proceed to installation:\s{1,8}([0-9a-f]{32})", "use the following password to proceed to installation:\n\n{H32}", "password to proceed to installation:"),
    Rule("password-hash", ("-pbkdf2-",), r"-pbkdf2-[\w:-]{20,100},[0-9a-f]{16,64}(?:,\d+)?", "me = -pbkdf2-{H40},{H32},10", "-pbkdf2-sha256"),
    Rule("cookie", ("cookies",), r"cookies[\"']?[ \t]{0,4}[=:][ \t]{0,4}\{[^{}\r\n]{0,200}?[\"'][\w.-]{1,60}[\"'][ \t]{0,2}:[ \t]{0,2}[\"']((?=[^\s]{0,60}\d)[^\"'\r\n\0]{12,2000}+)", "cookies={'sid': '{A20}4'}", "cookies={'theme': 'dark'}"),
    Rule("password", ("password", "passwd", "token", "secret", "apikey", "api_key", "passphrase"), r"(?:password|passwd|token|secret|apikey|api_key|passphrase)[ \t](?:[^<>\r\n]{0,200}?[ \t])?value=[\"']([^\"'<>$\0]{3,400}+)[\"']", "<OnlineToken value=\"{A20}\"/>", "<password type=\"text\" value=\"\"/>", True, needs=("value=",)),
    Rule("password", ("password", "passwd", "token", "secret", "apikey", "api_key", "passphrase"), r"(?:password|passwd|token|secret|apikey|api_key|passphrase)(?:[ \t][^<>]{1,200}|[\"'][^<>]{0,100})?>[ \t\r\n]{0,40}(?:<value>)?([^<>\s\0][^<>\r\n\0]{2,400}+)</", "<param name=\"password\">hun¦ter2</param>", "<password type=\"x\"></password>", True, needs=("</",)),
    Rule("password", ("password", "passphrase", "secret", "token", "key"), r"(?:password|passphrase|secret|token|key)[\"']?[ \t]{0,4}[:=][ \t]{0,4}\{[ \t]{0,4}[\"']?(?:value|key)[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']([^\"'\r\n$\0]{6,2000}+)[\"']", "\"db_password\": {\"value\": \"hunter¦2\", \"type\": \"string\"}", "\"sort_key\": {\"value\": \"\"}", True, needs=("{",)),
    Rule("secret", ("=", ":"), r"(?<![A-Za-z0-9_$?&])[A-Z][A-Z0-9_]{2,50}(?<!_ID)(?<!SHA)(?<!HASH)(?<!DIGEST)(?<!PUBLIC)(?<!PUBKEY)(?<!PUBLIC_KEY)(?<!FINGERPRINT)(?<!CERT)(?<!TAG)(?<!SUM)(?<!SITEKEY)(?<!SITE_KEY)(?<!VERSION)(?<!URL)(?<!CURSOR)(?<!NONCE)(?<!_KEY)(?:=|: )[\"']?((?=[a-zA-Z]{0,40}\d)(?=[^A-Z\s]{0,40}[A-Z])(?=[^a-z\s]{0,40}[a-z])[A-Za-z0-9+/]{26,400}+={0,2})(?![\w.:/@-])", "DB¦ROOT={A28}", "IMAGE_DIGEST={A28} CLIENT_ID={A28}", inside=True),
    Rule("password", ("creds", "credentials", "login:"), r"(?:(?:creds|credentials):? ['\"`]?[\w.@-]{1,64}[:/]|login: [\w.@-]{1,64}:)((?=[^\s]{0,60}\d)(?=[^\s]{0,60}[A-Za-z])[^\s/:@'\"`\0]{6,64}+)(?![\w/:.])", "creds: admin:hun¦ter2", "login: api/v2beta and credentials: 10.0.0.1:8080", True),
    Rule("psk", ("wifi_key", "ap_key", "wlan_key", "wpa_key"), r"(?:wifi|ap|wlan|wpa)_key[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']([^\"'\r\n\0]{8,63}+)[\"']", "wifi_key: \"a long w¦ifi key\"", "wifi_key: \"\"", True),
)  # fmt: skip

# ---- samples of the table ----------------------------------------------------------------------------------------------

_ALPHABETS = {
    "A": "x7Kq2Wm9ZrT4bV8nLc3HdY6sPj5GfQ1aUe0",
    "U": "Q7ZK2WM4RT5BV3NLCHDY6SPJGFXUAE",
    "x": "k3v9q7wmz2rt4bx8nlch6dys5pjgf1",
    "H": "0f3a9c7e5b1d8642",
    "K": "0F3A9C7E5B1D8642",
    "N": "739182645",
}


def sample(template: str) -> str:
    """A made-up example: `{A36}` becomes 36 signs of an alphabet, `{G}` a UUID, and `¦`, which hides a prefix, goes."""
    text = template.replace("¦", "").replace("{G}", "{H8}-{H4}-4{H3}-8{H3}-{H12}")
    return re.sub(r"\{([AUxHKN])(\d+)\}", lambda m: (_ALPHABETS[m[1]] * (int(m[2]) // 9 + 1))[: int(m[2])], text)


# ---- find and mask -----------------------------------------------------------------------------------------------------


def find(text: str) -> list[Secret]:
    """The secrets in `text`, in order, none overlapping another. What is masked already is none."""
    # A mark is put out of every rule's sight by a sign that no value holds; positions stay.
    text = text.replace("\0", " ")
    text = _compiled().mark.sub(lambda m: "\0" * len(m[0]), text) if " masked]" in text else text
    return list(_secrets(text, _spans(text)))


def mask(text: str) -> tuple[str, list[Secret]]:
    """The text with each secret's value replaced by its mark, and what was found. Masking twice changes nothing more."""
    all_found: list[Secret] = []
    # What stood beside a value can look like a secret once the value is gone: until nothing is found any more.
    for turn in itertools.count():
        found = find(text)
        if turn:
            # One behind the other without a blank between: all of it goes, else each would cost a reading of the whole.
            found = list(_with_the_rest_of_the_word(text, found))
        if not found:
            break
        kept = _kept(text, found)
        near = _around_values("\0".join(kept))
        text = "".join(
            [part for pair in zip(kept, (secret.mark for secret in found), strict=False) for part in pair] + kept[-1:]
        )
        all_found += found
        if next(_secrets(near, _spans(near)), None) is None:
            break
    return text, all_found


def _with_the_rest_of_the_word(text: str, found: list[Secret]) -> Iterator[Secret]:
    end, blank = 0, re.compile(r"\s|$")
    for secret in found:
        if secret.start >= end:
            after = blank.search(text, secret.end)
            end = after.start() if after else secret.end
            yield secret._replace(end=end)


def _around_values(text: str) -> str:
    """The lines that lost a value and two on either side, which is as far as a rule can see; those seen before only once."""
    text = _compiled().mark.sub("\0", text) if " masked]" in text else text
    lines = ["", "", *text.split("\n"), "", ""]
    kept, seen, last = [], set(), 0
    for i, line in enumerate(lines):
        if "\0" in line and (around := tuple(lines[i - 2 : i + 3])) not in seen:
            seen.add(around)
            kept += lines[max(last, i - 2) : i + 3]
            last = i + 3
    return "\n".join(kept)


def _kept(text: str, found: list[Secret]) -> list[str]:
    """What stands before, between and behind the values."""
    ends = [0, *(secret.end for secret in found)]
    starts = [*(secret.start for secret in found), len(text)]
    return [text[end:start] for end, start in zip(ends, starts, strict=True)]


# kind, start, end; of two that overlap the kind of the one that was found first in this order stays.
_Span = tuple[str, int, int]


def _spans(text: str) -> Iterator[_Span]:
    """What all rules find, in order and merged where two overlap."""
    low = _lower(text)
    found = [*_private_keys(text), *_by_rules(text, low), *_assigned(text, low), *_blocks(text)]
    order = sorted([(start, i, end) for i, (_, start, end) in enumerate(found)])
    first = start = end = -1
    for next_start, i, next_end in order:
        if next_start >= end:
            if end >= 0:
                yield found[first][0], start, end
            first, start, end = i, next_start, next_end
        else:
            first, end = min(first, i), max(end, next_end)
    if end >= 0:
        yield found[first][0], start, end


def _secrets(text: str, spans: Iterator[_Span]) -> Iterator[Secret]:
    line, position, allowed = 1, 0, _allowed_lines(text)
    for kind, start, end in spans:
        line += text.count("\n", position, start)
        position = start
        if line not in allowed:
            yield Secret(kind, line, start, end)


def _allowed_lines(text: str) -> set[int]:
    return {number for number, line in enumerate(text.split("\n"), 1) if ALLOW in line} if ALLOW in text else set()


# ---- the table ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Compiled:
    mark: re.Pattern[str]
    key: re.Pattern[str]
    value: re.Pattern[str]
    placeholder: re.Pattern[str]
    code: re.Pattern[str]
    name_value: re.Pattern[str]
    key_begin: re.Pattern[str]
    kubernetes: re.Pattern[str]
    data: re.Pattern[str]
    entry: re.Pattern[str]
    chpasswd: re.Pattern[str]
    user_line: re.Pattern[str]
    table: re.Pattern[str]
    app_password: re.Pattern[str]
    block: re.Pattern[str]
    ordinary: re.Pattern[str]
    random: re.Pattern[str]
    next_key: re.Pattern[str]
    joint: re.Pattern[str]
    made_up: re.Pattern[str]
    chance: re.Pattern[str]
    letter: re.Pattern[str]
    digit: re.Pattern[str]
    sign: re.Pattern[str]


def _by_rules(text: str, low: str) -> Iterator[_Span]:
    listed = text.replace('", "', "    ").replace('","', "   ") if '", "-' in text or '","-' in text else text
    words = _words(low)
    seen: dict[tuple[bool, str], list[int] | None] = {}  # the places of a head, by whether the text is folded
    for rule, conditions in _rules():
        if not all(any(word in words for word in condition) for condition in conditions):
            continue
        where = low if rule.fold else listed if rule.command else text
        if not all(
            any(sign in within for sign in signs) for signs, within in ((rule.needs, where), (rule.command, text)) if signs
        ):
            continue
        for match in _matches(rule, where, seen):
            start, end = match.span(match.lastindex or 0)
            if rule.kind == "password" or rule.command:
                said = _says_one(
                    rule.kind, rule.command, text[max(0, start - _SIGHT) if rule.command else start : start], text[start:end]
                )
            else:
                value = text[start:end]
                said = (
                    "\0" not in value
                    and not _compiled().made_up.search(value)
                    and not (rule.fold and value[0] not in "[/" and _is_placeholder(value))
                )
            if said:
                yield rule.kind, start, end


def _matches(rule: Rule, where: str, seen: dict[tuple[bool, str], list[int] | None]) -> Iterator[re.Match[str]]:
    """Where the pattern of a rule is found: it is tried at its heads, which is quicker than at every sign."""
    pattern = re.compile(rule.pattern)
    places: list[int] = []
    for head in rule.heads:
        key = (rule.fold, head) if not rule.command else (rule.fold, "\0" + head)
        if key not in seen:
            seen[key] = _places(where, head, 1 if rule.inside else 10 + len(where) // 50)
        found = seen[key]
        if found is None:
            yield from pattern.finditer(where)
            return
        places += found
    end = 0
    for place in sorted(places) if len(rule.heads) > 1 else places:
        if place >= end and (match := pattern.match(where, place)):
            end = match.end()
            yield match


def _places(where: str, head: str, most: int) -> list[int] | None:
    """Where `head` stands; None when in so many places that a pattern is as quick to look everywhere."""
    places: list[int] = []
    place = where.find(head)
    while place >= 0:
        places.append(place)
        if len(places) >= most:
            return None
        place = where.find(head, place + 1)
    return places


@cache
def _rules() -> list[tuple[Rule, list[list[bytes]]]]:
    """The table, with the words of which some have to be in a text: those of heads, of commands, and of what is needed."""
    return [
        (rule, [[_longest(sign) for sign in signs] for signs in (rule.heads, rule.command, rule.needs) if signs])
        for rule in RULES
    ]


_NO_LETTERS = bytes(sign if chr(sign) in "abcdefghijklmnopqrstuvwxyz" else 32 for sign in range(256))


def _longest(sign: str) -> bytes:
    """The longest word of a head; the empty one, which is in every text, when that is too short to tell much."""
    return max(_words(sign.lower()).split(), key=len, default=b"")


def _words(low: str) -> bytes:
    """All words of a text, once each: logs say the same few again and again, so this is short. Of long ones both ends."""
    words = set(low.encode("utf-8", "replace").translate(_NO_LETTERS).split())
    return b" ".join([word if len(word) < 60 else word[:30] + b" " + word[-30:] for word in words if len(word) > 2])


_SIGHT = 300  # how far before a value its command is looked for


@lru_cache(1_000)
def _says_one(kind: str, commands: tuple[str, ...], before: str, value: str) -> bool:
    """Whether what a rule found is a value, and one of `commands` stands before it on its line."""
    if "\0" in value or (kind == "password" and (value.lower() in _PROSE or _is_placeholder(value))):
        return False
    if not commands:
        return True
    cut = max(before.rfind(end) for end in ("\n", "; ", "| ", "&& "))
    return any(before.find(command, cut + 1) >= 0 for command in commands)


def _lower(text: str) -> str:
    """In lower case and as long as before, so that positions agree (the Turkish dotted I grows in `lower`)."""
    low = text.lower()
    return low if len(low) == len(text) else text.replace("\u0130", "I").lower()


# ---- private keys ------------------------------------------------------------------------------------------------------


def _private_keys(text: str) -> Iterator[_Span]:
    """The bodies of PEM blocks, over lines or with written-out `\\n`, whole or cut off; and of PuTTY's files."""
    if "PRIVATE" not in text and "-----BEGIN OpenVPN" not in text and "Private-Lines" not in text:
        return
    begins = list(_compiled().key_begin.finditer(text))
    ends = [match.start() for match in re.finditer("-----END ", text)]
    for number, begin in enumerate(begins):
        limit = begins[number + 1].start() if number + 1 < len(begins) else len(text)
        after = bisect_left(ends, begin.end())
        closed = after < len(ends) and ends[after] < limit and ends[after] - begin.end() < 100_000
        end = ends[after] if closed else _end_of_cut_key(text, begin.end(), limit)
        if not closed and begin[0].startswith("P"):
            end = _end_of_lines(text, begin.end(), int(begin[1]))
        start, end = _trimmed(text, begin.end(), end)
        if start < end:
            yield "private-key", start, end


def _end_of_cut_key(text: str, start: int, limit: int) -> int:
    cut = re.compile(
        r"(?:(?:\\n|\\r|[\r\n])?[ \t]*+(?:[A-Za-z0-9+/=]{16,}+|[A-Z][\w-]{2,20}: [^\r\n\\]{1,200}+|(?=[\r\n\\]))){0,2000}"
    )
    match = cut.match(text, start, limit)
    return match.end() if match else start


def _end_of_lines(text: str, start: int, lines: int) -> int:
    for _ in range(min(lines, 200) + 1):
        start = text.find("\n", start) + 1 or len(text)
    return start


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Without white space, written-out line ends and marks around it."""
    while start < end and (text[start] in "\0 \t\r\n" or text[start : start + 2] in ("\\n", "\\r")):
        start += 1 + (text[start] == "\\")
    while start < end and (text[end - 1] in "\0 \t\r\n" or text[end - 2 : end] in ("\\n", "\\r")):
        end -= 1 + (text[end - 1] in "nr")
    return start, end


# ---- what stands in a block: the data of a Kubernetes secret, the column of a table ------------------------------------


def _blocks(text: str) -> Iterator[_Span]:
    """What is a secret for where it stands, whatever its name: Kubernetes secrets, lists for chpasswd, columns of tables."""
    compiled = _compiled()
    if "Secret" in text and "ata" in text:
        for kind in compiled.kubernetes.finditer(text):
            first, last = text.rfind("\n---", 0, kind.start()) + 1, text.find("\n---", kind.end())
            yield from _kubernetes(text, max(first, kind.start() - 20_000), last if last >= 0 else len(text))
    if "chpasswd" in text:
        for match in compiled.chpasswd.finditer(text):
            yield from (("password", *line.span(1)) for line in compiled.user_line.finditer(text, *match.span(1)))
    if "|" in text and "--" in text:
        for match in compiled.table.finditer(text):
            yield from _columns(text, text.rfind("\n", 0, match.start()) + 1, match.end())


def _kubernetes(text: str, start: int, end: int) -> Iterator[_Span]:
    for data in _compiled().data.finditer(text, start, min(end, start + 100_000)):
        group = 2 if data[2] is not None else 3
        for entry in _compiled().entry.finditer(text, *data.span(group)):
            value = entry[1]
            if not _is_placeholder(value) and not value.startswith(("LS0tLS1CRUdJTiBDRVJU", "\0")):
                yield "kubernetes-secret", *entry.span(1)


def _columns(text: str, head: int, start: int) -> Iterator[_Span]:
    """The values below the words for passwords in the head of a Markdown table."""
    names = text[head : text.index("\n", head)][:2_000].strip().strip("|").split("|")
    wanted = {i for i, name in enumerate(names) if name.strip(" *`\t").lower() in _COLUMNS}
    while wanted and start < len(text):
        end = text.find("\n", start + 1)
        end = len(text) if end < 0 else end
        line = text[start + 1 : end]
        if "|" not in line:
            return
        at = start + 1 + line.index("|") + 1 if line.lstrip().startswith("|") else start + 1
        for i, cell in enumerate(text[at:end].split("|")):
            value = cell.strip(" *`\t\r")
            if i in wanted and _looks_secret(value, True, False, True, "=", True) and " " not in value:
                inner = at + cell.index(value)
                yield "password", inner, inner + len(value)
            at += len(cell) + 1
        start = end


_COLUMNS = frozenset("password passwort kennwort passwd pass pw passphrase secret token key".split()) | {"api key", "api token"}


# ---- what is assigned to a word such as password -----------------------------------------------------------------------

# The words whose value is a secret whatever it looks like; of the others it has to look like one.
_PASSWORD_WORDS = ("pass", "pw", "psk", "kennw", "wacht", "contra", "mot")
# A `key` is a secret only as one of these; `primary_key` and `sort key` are none.
_KEYS = (
    "api access secret private encryption signing master auth account shared app application client deploy hmac jwt "
    "storage preshared session license admin consumer gotify webhook integration restic crypt cookie fernet network ping nzb setup unseal legacy control bouncer join pass rss torrent local bind wifi ap link device wpa wep noise"
).split()
# Keys that are no secret, whatever they look like.
_OPEN_KEYS = frozenset(
    "public host cache primary foreign object site sort group idempotency redis s3 trust hash partition row column lookup range "
    "routing dedup translation registry map memo license_public publishable pub id index search etag file image commit snapshot build".split()
)
_KEY_ENDINGS = tuple(word + joint for word in _KEYS for joint in ("", "_", "-", " "))
_NAME_SIGNS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
# After `password: ` in a sentence come these, and are not the password.
_PROSE = frozenset(
    "a an and any are as at authentication auth be been before blank but by can cannot can't change changed check contains could "
    "correct disabled does doesn't doesnt empty enabled entered error expired expires expiration fail failed failure failures field file "
    "for found from given has hash hashed have if in incorrect input invalid is isn't isnt it its length like login long manager match "
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

_KEY = (
    r"(?:passwor[dt]|pass(?:wd|[_ -]?phrase|code|wort)?|kennwort|wachtwoord|contrase[nñ]a|mot de passe|pwd|pw|psk|secret|token|key|credentials?)"
    r"(?:[_-]?(?:base64|b64|base|value|text|plain|string|hash|new|old|current|confirm(?:ation)?|\d{1,2})(?![a-z\d])|(?P<more>_\w{1,30}+))?"
    r"(?P<close>\\{0,7}[\"'`]?\]?\*{0,2})"
    r"(?P<sep>[ \t]*+(?:=>|:=|=(?![=~])|:[ \t]?&?(?:'static )?str(?:ing)?[ \t]?=|::?(?=[ \t])|:(?!:)\[?|>|,(?=[ \t]?[\"'])(?<=[\"'],)|\|{1,2}|\?\?)\*{0,2}[ \t]*+|[ \t]++(?:(?:is|was|to|is set to|set to|ist|lautet|est)[ \t:]++)?)"
    r"(?P<open>\\{0,7}[\"'`]|[bruf]?[\"'])?(?!\0)"
)
_SIGN = r"[^\s\0,;&\"'`()\[\]{}<>|\\]"
_VALUE = rf"(?:{_SIGN}|[(\[{{<|\\](?![\"'\0\s]))(?:{_SIGN}++|[,;&](?![\s\0\"']|$|[\w.-]{{1,40}}[=:])|[\"'`)\]}}>](?=[\w$%@!#*^~+=?-])|[(\[{{<|](?=[^\s\0\"'/])|\\(?![\"'nrt\0]))*"
_PLACEHOLDER = (
    r"\$|%[\w.]+%?$|\{|\[(?!\w+\])|<|\(|!|\*{2,}|\*$|\*\w+$|&\w+$|•|\.{2,}$|…|#|-+$|_+$|~$|x{3,}|\?+$|@\w+@$|%s|%[({]"
    r"|(?:null|none|nil|undefined|empty|true|false|yes|no|on|off|redacted|masked|hidden|removed|censored|change[_-]?(?:me|it|this)|todo|tbd|fixme"
    r"|unset|default|example|placeholder|dummy|sample|test|string|str|text|value|password|passwd|pass|secret|token|key|foo|bar|xxx?|n/a|nan"
    r"|inherit|required|optional|prompt|ask|disabled|enabled|auto|generate|file|env|environment|keyring|keychain)$"
    r"|(?:your|enter|insert|put|replace|change|example|fake|dummy)[_-][\w-]*+$|your\w*$|(?:(?:my|the|some|a)[_-]?(?:secret|password|token|api[_-]?key|key)|supersecret\w*here|\w*here)$"
    r"|(?:\.{0,2}|~|file:/{0,3}|[a-z]:)[/\\][\w./\\ -]+$(?<=[\w]{3})|[\w.-]+:(?:/[a-z][\w.-]*)+$|(?:vault|op|env|ref|file|secretref|secret|awssm|arn|gcpsm|keyring):|enc\[|age1|sops|\w+_file$"
)
# An object, a call or an attribute that a program printed or a script uses, no value.
_CODE = (
    r"[A-Za-z_][\w.:]*(?:\(|\{|\[(?!\w+ masked)|<)|(?:[a-z][A-Za-z_]*\d?\.)+[A-Z][a-z]{2}[A-Za-z_]*\d?(?:@[0-9a-f]+)?$|\w+@[0-9a-f]{5,8}$"
    r"|(?:self|this|os|process|config|cfg|request|req|res|args|env|settings|secrets|data|var|vars|local|module|params|ctx|input|props|options|values|user|item|node|each)[.\[]"
    r"|[a-z_]+\.[a-z_]+(?:\.[a-z_]+)*$|0x[0-9a-f]{1,16}$"
)
_NAME_VALUE = (
    r"name[\"']?[ \t]*+[:=][ \t]*+[\"']?[\w.-]{0,60}(?:password|passwd|passphrase|secret|token|api_?key|access_?key|secret_?key|_pass|_pwd)[\"']?[ \t]*+,?[ \t]*+(?:\r?\n[ \t]*+)?"
    r"[\"']?value[\"']?[ \t]*+[:=][ \t]*+(?:\"([^\"\r\n\0]{1,400}+)|'([^'\r\n\0]{1,400}+)|([^\s\0\"'{}\[\],$][^\s\0\"'{}\[\],]{0,400}+))"
)


# Whether a value is a secret is told from so much of it; only then the rest of a long one is read.
_ENOUGH = 200
_LEAD = 60  # and a key from so much before it


def _assigned(text: str, low: str) -> Iterator[_Span]:
    """What stands after `password=`, `api_key: `, `--token ` and their like, in the syntaxes that people paste."""
    if not any(word in low for word in _WORDS):
        return
    compiled = _compiled()
    position = 0
    told: dict[str, _Span | None] = {}  # what stood around a key, and where from it the value was: logs repeat
    while match := compiled.key.search(low, position):
        # What was no value may be the next key: `password token=…`.
        begin, position = match.span()
        around = text[begin - _LEAD : position + _ENOUGH] if begin >= _LEAD else ""
        known = told.get(around, _UNTOLD)
        if known is _UNTOLD:
            if match["more"] and any(word in match["more"] for word in _WORDS):
                position = match.start("more")  # the key is in the rest of the name: `secret_key`
                continue
            span = _value_of(text, low, match)
            known = span and (_kind_of(match[0]), span[0] - begin, span[1] - begin)
            if around and _is_told_by(text, position, match["open"], span):
                if len(told) > 1_000:
                    told.clear()
                told[around] = known
        if known:
            kind, start, end = known
            position = max(position, begin + end)
            yield kind, begin + start, begin + end
    for match in compiled.name_value.finditer(low):
        start, end = match.span(match.lastindex or 0)
        if not _is_placeholder(text[start:end]):
            yield _kind_of(match[0].partition("value")[0]), start, end


_UNTOLD = ("", -1, -1)
_WORDS = ("pass", "pw", "psk", "secret", "token", "key", "credential", "kennwort", "wachtw", "contrase")


def _is_told_by(text: str, start: int, quote: str | None, span: tuple[int, int] | None) -> bool:
    """Whether the signs that follow a key decide alone what its value is, however the text goes on after them."""
    near = start + _ENOUGH - 3
    if (span and span[1] >= near) or text[start : start + 1].isspace() or text[start : start + 1] in ("", "|", ">"):
        return False
    if not quote:
        return True
    rest = text[start:near]
    return "\\" not in rest and (quote[-1] in rest or "\n" in rest)


@lru_cache(1_000)
def _kind_of(key: str) -> str:
    for word, kind in (("passphrase", "passphrase"), ("pass", "password"), ("token", "token"), ("secret", "secret")):
        if word in key:
            return kind
    return {"key": "api-key", "psk": "psk", "cre": "credential"}.get(key[:3], "password")


def _value_of(text: str, low: str, match: re.Match[str]) -> tuple[int, int] | None:
    """The span of the secret that follows a key, if one does."""
    close, sep, quote = match["close"], match["sep"], match["open"]
    start, end = _value_span(low, match.end(), quote)
    # Most are words of a sentence: they are told first, and cheaply.
    first = low[start:end]
    if not first and ":" in sep and _compiled().block.match(text, start):
        return _next_line(text, start)
    if not first or (first in _PROSE and "passphrase" not in match[0]):
        return None
    begin = match.start()
    before = text[max(0, begin - _LEAD) : begin]
    name = before[len(before.rstrip(_NAME_SIGNS)) :]
    value = text[start:end]
    if not _is_key(text, before, name, match[0][:5], begin) and not _is_other_key(text, match, before, name, value, end):
        return None
    if value[0].isspace() or (value[0] in "?+" and sep == ":" and not close):
        return None  # the quote closed something else; or the message of a shell's `${NAME:?message}`
    if value[0] == "-" and sep == ":" and not close:
        start, value = start + 1, value[1:]  # a shell's `${NAME:-default}`
    separator = sep.strip(" \t*")
    password = match[0].startswith(_PASSWORD_WORDS)
    if (
        not name
        and match[0] == "pass" + close + sep + (quote or "")
        and (value.isdigit() or (separator == ":" and text[begin] == "P"))
    ):
        return None  # `PASS: test_x` and `pass: 12` are a test's
    if separator == ">" and (sep != ">" or before[: len(before) - len(name)][-1:] != "<" or text[end : end + 2] != "</"):
        return None
    if separator == ":" and not name and before[-1:] == "/":
        return None  # a file: `/etc/passwd: …`
    if separator == "," and before[: len(before) - len(name)][-2:-1] not in ("(", "["):
        return None  # the words of a list
    if separator == "|" and not (text[end : end + 3].lstrip(" `")[:1] == "|" and _is_strong(value, 8)):
        return None  # the table of a document
    if match["more"] and not (_compiled().chance.fullmatch(value) and not match["more"].endswith(_ABOUT_KEYS)):
        return None
    if password and value.isdigit() and text[end : end + 6] == " bytes":
        return None
    if not separator and _compiled().next_key.match(value):
        return None  # `password acct=root`
    sure = (
        separator in ("=", ":=", "=>", ">", ",", "|", "||", "??", ":[")
        or separator.endswith("=")
        or (not separator and (name.startswith("-") or before[: len(before) - len(name)].endswith(("ENV ", "setenv "))))
        or (not separator and password and _is_line(text, begin - len(name), end, bool(name)))
        or bool(close.strip("]") and separator and not separator[0].isalpha())
        or (separator == ":" and (_stands_alone(before, name) or "_" in name or text[begin : begin + 3].isupper()))
    )
    if password and (app := _compiled().app_password.match(text, start)):
        return start, app.end()
    if "passphrase" in match[0] and separator == ":" and sure and not quote:
        start, end = _rest_of_line(text, start)
        value = text[start:end]
    option = name.startswith("-")
    told = (separator[:2] == "is" or sep == "=") and any(map(str.isdigit, value))
    variable = sep == "=" and text[begin : begin + 4].isupper() and not any(sign in value for sign in "([{<")
    if (option and not separator) or name[:2] in ("x-", "X-"):
        separator = "="
    if not _looks_secret(value, password, sure, bool(quote) or option or variable or told, separator, _ends_line(text, end)):
        return None
    if end == match.end() + _ENOUGH and (whole := _compiled().value.match(low, start)):
        end = whole.end()
    return start, end


def _is_line(text: str, begin: int, end: int, named: bool) -> bool:
    """Whether `password x1` or `bindpw x` is the whole line, as in the configuration of many a daemon, and no sentence."""
    return (
        not text[max(0, begin - 40) : begin].rpartition("\n")[2].strip(" \t")
        and text[end : end + 1] in ("", "\n", "\r")
        and (named or not text[begin:end].split()[-1].strip(".,;:").isalpha())
    )


def _rest_of_line(text: str, start: int) -> tuple[int, int]:
    end = text.find("\n", start, start + 400)
    end = min(len(text), start + 400) if end < 0 else end
    return start, start + len(text[start:end].rstrip())


def _is_key(text: str, before: str, name: str, word: str, begin: int) -> bool:
    """Whether the word at `begin` is one on its own or the last of a name (`DB_PASS`, `dbPass`), not the end of `bypass`."""
    if word.startswith("key"):
        return before.lower().endswith(_KEY_ENDINGS) or name.lower().startswith("x-")
    if word[:5] in ("passw", "passp", "passc", "kennw", "wacht", "contr", "mot d", "secre", "token", "crede"):
        return True
    glued = name[-1:].isalpha()
    return (
        not glued
        or (text[begin].isupper() and name[-1:].islower())
        or _compiled().joint.split(name)[-1].lower() in _GLUED
        or (name[0] == "-" and not name.endswith(("by", "com")))
    )


def _is_other_key(text: str, match: re.Match[str], before: str, name: str, value: str, end: int) -> bool:
    """Whether a `key` of any other name (`dns_linode_key`), or alone on its line, has a value that is nothing but chance."""
    if not match[0].startswith("key") or match["sep"].strip() not in ("=", ":"):
        return False
    if not name:
        return (
            not match["close"]
            and _stands_alone(before, "")
            and _ends_line(text, end)
            and bool(_compiled().chance.fullmatch(value))
        )
    kind = name[:-1].rpartition("_")[2].rpartition("-")[2].lower()
    return name[-1] in "_-" and kind not in _OPEN_KEYS and bool(_compiled().chance.fullmatch(value))


# What a name goes on with that says something about a key: `TOKEN_ID`.
_ABOUT_KEYS = (
    "id",
    "hash",
    "sha1",
    "sha256",
    "fingerprint",
    "digest",
    "version",
    "name",
    "url",
    "arn",
    "uuid",
    "file",
    "path",
    "sum",
)
# What `pass` and `pw` are glued to: `DBPASS`, `bindpw`.
_GLUED = frozenset(
    "pg mysql mongo redis mq mqtt ldap db root user admin smtp imap mail ftp http web bind http basic auth ssh vnc rdp rcon wifi ap app sa su enable svc srv ups proxy dav rpc api key store trust tls wpa login".split()
)


def _value_span(low: str, start: int, quote: str | None) -> tuple[int, int]:
    if not quote:
        value = _compiled().value.match(low, start, start + _ENOUGH)
        return (start, value.end()) if value else (start, start)
    slashes = len(quote) - 1 if quote[0] == "\\" else 0
    limit = low.find("\n", start, start + 8000)
    limit = min(len(low), start + 8000) if limit < 0 else limit
    end = low.find(quote[-1], start, limit)
    while end >= 0:
        near = low[max(start, end - 9) : end]
        backslashes = len(near) - len(near.rstrip("\\"))
        if backslashes <= slashes if slashes else backslashes % 2 == 0:
            break
        end = low.find(quote[-1], end + 1, limit)
    else:
        backslashes, end = 0, limit
    end -= min(backslashes, slashes)
    marked = low.find("\0", start, end)
    return start, end if marked < 0 else marked


def _next_line(text: str, end: int) -> tuple[int, int] | None:
    """The first line of a YAML block, the value of `password: |`."""
    first = text.find("\n", end) + 1
    if first:
        last = text.find("\n", first)
        line = text[first : last if last >= 0 else len(text)]
        inner = line.strip(" \t\r\0")
        if inner and line[0] in " \t" and not _is_placeholder(inner) and "-----BEGIN" not in inner:
            start = first + line.index(inner)
            return start, start + len(inner)
    return None


def _stands_alone(before: str, name: str) -> bool:
    """Whether nothing but the name's own signs, or a log's column, stands before it on its line."""
    rest = before[: len(before) - len(name)].rpartition("\n")[2].rstrip()
    return not rest or rest[-1] in "|-{,\"'>#+(;?&" or rest.endswith(("export", "set", "ENV", "env", "ARG"))


def _ends_line(text: str, end: int) -> bool:
    return not text[end : end + 3].partition("\n")[0].strip("\"'`.,;)} \r")


def _is_placeholder(value: str) -> bool:
    return _compiled().placeholder.match(value.strip().lower()) is not None


def _looks_secret(value: str, password: bool, sure: bool, quoted: bool, separator: str, last: bool) -> bool:
    """Whether a value beside a key is one: `sure` when the key can be nothing but a key, `last` at the end of its line."""
    plain = value.strip(" .,:;!?")
    if (
        not plain
        or "\0" in plain
        or (_is_placeholder(value) and not (sure and value[0] == "/" and _compiled().random.fullmatch(value)))
        or plain.lower() in _PROSE
        or value.startswith(("http://", "https://"))
        or (value.startswith("//") and not (sure and _compiled().random.fullmatch(value)))
    ):
        return False
    if _compiled().code.match(value) and not (quoted and password and separator):
        return False
    if " " in plain:
        return sure and password and (separator in ("=", ":=", "=>") or not _VERDICTS.intersection(plain.lower().split()))
    if password:
        if sure:
            return True
        return _is_strong(plain, 6) or (last and len(plain) >= 6 and (bool(separator) or quoted) and not plain.isdigit())
    if plain.isdigit():
        return sure and len(plain) >= 16
    if sure:
        return len(plain) >= 8 and (separator != ":" or quoted or _is_strong(plain, 8))
    return _is_strong(plain, 16 if not separator else 10)


def _is_strong(value: str, length: int) -> bool:
    """Whether it mixes signs as words, names, versions, dates and addresses don't."""
    if len(value) < length or "/" in value[:1] or "://" in value:
        return False
    compiled = _compiled()
    if not compiled.letter.search(value, 0, 64):
        return False
    if compiled.ordinary.fullmatch(value):
        return value.isalnum() and len(value) >= 20 and not value.islower() and not value.isupper()
    return compiled.digit.search(value, 0, 64) is not None or compiled.sign.search(value) is not None


@cache
def _compiled() -> _Compiled:
    """Everything compiled, when the first text comes: importing this module costs nothing."""
    return _Compiled(
        re.compile(r"\[[a-z0-9-]{1,30} masked\]"),
        re.compile(_KEY),
        re.compile(_VALUE),
        re.compile(_PLACEHOLDER),
        re.compile(_CODE),
        re.compile(_NAME_VALUE),
        re.compile(r"-{5}BEGIN (?:[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-{5}|Private-Lines: (\d{1,3})"),
        re.compile(r"\bkind[\"']?:[ \t]*[\"']?Secret(?:List)?\b(?![-\w.])"),
        re.compile(
            r"(?:^|\n)([ \t]*)(?:string)?[dD]ata:[ \t]*((?:\r?\n\1[ \t]+[^\r\n]*)+)|\"(?:string)?[dD]ata\"[ \t]*:[ \t\r\n]*\{([^{}]{1,50000})\}"
        ),
        re.compile(r"[\w.-]{1,100}[\"']?[ \t]*:[ \t]*[\"']?(?![|>{\[&*])([^\s\"'\0,]{4,100000})"),
        re.compile(
            r"chpasswd:[ \t]*\r?\n(?:[ \t]*expire:[^\n]*\n)?[ \t]*list:[ \t]*\|?-?[ \t]*\r?\n((?:[ \t]+(?:- )?[\w.-]+:[^\s]+[ \t]*\r?(?:\n|$))+)"
        ),
        re.compile(r"[\w.-]+:(?!R(?:ANDOM)?\b)([^\s\0:]+)"),
        re.compile(r"\n[ \t]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+:?-++:?[ \t]*+){1,40}\|?[ \t]*+(?=\n)"),
        re.compile(r"[a-z]{4}(?: [a-z]{4}){3}(?![\w ])"),
        re.compile(r"[|>][+-]?[ \t]*+\r?$", re.MULTILINE),
        re.compile(
            r"[\d.:,/_TZ+-]++|[a-z]++[-_.]?\d{1,4}+|v?\d[\w-]*+(?:\.[\w.-]*+)|[A-Za-z-]++\d?+|[\w.-]++:\d++|[\w-]++(?:\.[\w-]+)+"
        ),
        re.compile(  # base64 that begins as a path does
            r"(?=[^A-Z]{0,40}[A-Z])(?=[^a-z]{0,40}[a-z])(?=[^\d]{0,40}\d)(?=[^/]{0,80}(?:/[^/]{0,80}){0,4}$)[A-Za-z0-9+/]{32,100}+={0,2}"
        ),
        re.compile(r"[A-Za-z_.]{2,40}=(?!=|$)"),
        re.compile(r"[_.-]"),
        re.compile(r"xxxxxx|XXXXXX|EXAMPLE(?:KEY)?$|\*\*\*\*|\.\.\.$"),  # as documents show them
        re.compile(
            r"[0-9a-f]{32,400}|[0-9A-F]{32,400}|(?=[^\d]{0,60}\d[^\d]{0,60}\d[^\d]{0,60}\d)(?:[a-z0-9]{30,400}|[A-Z0-9]{30,400})"
            r"|(?=[^A-Z]{0,40}[A-Z])(?=[^a-z]{0,40}[a-z])(?=[^\d]{0,60}\d)[\w+/-]{24,400}={0,2}"
        ),
        re.compile(r"[^\W\d_]"),
        re.compile(r"\d"),
        re.compile(r"[!@#$%^&*?+=]"),
    )
