"""Rules: tokens of cloud services and self-hosted programs, recognised by their own marks."""

from __future__ import annotations

import re

from .rule import SecretRule

RULES = (
    SecretRule(
        "digitalocean-token", ("dop_v1_", "doo_v1_", "dor_v1_"), r"do[opr]_v1_[a-f0-9]{60,64}", "do¦p_v1_{H64}", "dop_v1_"
    ),
    SecretRule(
        "backblaze-key", ("K00",), r"K00\d(?<!\w...\d)[A-Za-z0-9+/]{27}(?![\w+/])", "rclone K0¦03{A27}", "K001 was on the label"
    ),
    SecretRule("google-key", ("AIza",), r"AIza[\w-]{35}", "key=AI¦za{A35}", "AIza"),
    SecretRule("google-key", ("GOCSPX-", "ya29."), r"(?:GOCSPX-|ya29\.)[\w.-]{20,600}+", "GOC¦SPX-{A28}", "ya29.x"),
    SecretRule(
        "stripe-key",
        ("sk_live_", "rk_live_", "sk_test_", "rk_test_", "whsec_"),
        r"(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,200}+|whsec_[\w+/=]{20,100}+)",
        "sk¦_live_{A24}",
        "disk_test_results",
    ),
    SecretRule("sendgrid-key", ("SG.",), r"SG\.(?<!\w..\.)[\w-]{16,64}\.[\w-]{16,64}", "SG¦.{A22}.{A43}", "MSG.field.value"),
    SecretRule("mailgun-key", ("key-",), r"key-(?<!\w....)[0-9a-f]{32}(?!\w)", "api:ke¦y-{H32}", "key-value"),
    SecretRule("anthropic-key", ("sk-ant-",), r"sk-ant-[\w-]{20,300}+", "sk-¦ant-api03-{A90}AA", "sk-ant-"),
    SecretRule(
        "openai-key",
        ("sk-",),
        r"sk-(?<![\w-]...)(?!ant-)(?=[A-Za-z_-]{0,60}\d)[\w-]{20,300}+",
        "sk-¦proj-7{A40}",
        "disk-by-id and sk-nav-with-many-words-inside",
    ),
    SecretRule("huggingface-token", ("hf_",), r"hf_(?<!\w...)[A-Za-z0-9]{30,60}+", "hf¦_{A34}", "hf_transfer"),
    SecretRule(
        "ai-key",
        ("gsk_", "xai-", "r8_", "pplx-"),
        r"(?:gsk_|xai-|r8_|pplx-)(?<![A-Za-z0-9]gsk_)[A-Za-z0-9]{30,120}+",
        "gs¦k_{A52}",
        "gsk_builder_from_resource",
    ),
    SecretRule(
        "grafana-token",
        ("glsa_", "glc_eyJ", "eyJrIjoi"),
        r"(?:glsa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|glc_[\w+/=]{32,400}+|eyJrIjoi[\w+/=-]{40,200}+)",
        "gls¦a_{A32}_{H8}",
        "glsa_token",
    ),
    SecretRule("plex-token", ("claim-",), r"claim-(?<![\w-]claim-)[\w-]{20}(?![\w-])", "PLEX cla¦im-{A20}", "claim-based"),
    SecretRule(
        "arr-api-key", ("<apikey>",), r"<apikey>([0-9a-z]{16,64}+)", "<ApiKey>{H32}</ApiKey>", "<ApiKey></ApiKey>", fold=True
    ),
    SecretRule("matrix-token", ("syt_",), r"syt_[\w-]{10,200}+", "sy¦t_{A12}_{A20}_{A6}", "syt_"),
    SecretRule(
        "doppler-token",
        ("dp.",),
        r"dp\.(?:pt|st|sa|ct|scim|audit)\.(?<![\w.]dp\...\.)[\w.-]{30,4000}+",
        "dp¦.pt.{A43}",
        "dp.pt.x",
    ),
    SecretRule("sentry-token", ("sntry",), r"sntry[su]_[\w+/=]{40,400}+", "snt¦rys_{A80}", "sntrys_"),
    SecretRule(
        "azure-key", ("?sig=", "&sig="), r"[?&]sig=([\w%+/=-]{40,120}+)", "https://x.blob/y?sv=1&sig={A43}%3D", "?sig=1"
    ),
    SecretRule(
        "ssh-host-key", ("Private-MAC:",), r"Private-MAC:[ \t]{0,4}([0-9a-f]{40,64})", "Private-MAC: {H64}", "Private-MAC: none"
    ),
    SecretRule(
        "zigbee-key",
        ("network_key",),
        r"network_key[\"']?[ \t]{0,8}[:=][ \t]{0,8}[\"']?(\[[\da-fx, \t]{20,200}+\]|(?:0x[0-9a-f]{2},[ \t]?){15}0x[0-9a-f]{2})",
        "network_key: [1, 3, 5, 7, 9, 11, 13, 15, 0, 2, 4, 6, 8, 10, 12, 13]",
        "network_key: GENERATE",
        fold=True,
    ),
    SecretRule(
        "bearer-token",
        ("bearer",),
        r"bearer[\"']?[ :=]{1,3}[\"']?(?=[a-z._~+/-]{0,200}\d)([\w.~+/=-]{16,8000}+)",
        "curl -H Bea¦rer {A20}4{A20}",
        "Bearer authentication-required",
        fold=True,
    ),
    SecretRule(
        "session-key",
        ("BW_SESSION",),
        r"BW_SESSION=[\"']?([A-Za-z0-9+/]{40,100}+={0,2})",
        "export BW_SESS¦ION={A86}==",
        "BW_SESSION=none",
    ),
    SecretRule(
        "gitea-token",
        ("token",),
        r"token(?:[\w \t]{0,60}: ([0-9a-f]{40})|[\w \t]{0,40}(?:created|generated|issued): ((?:[a-z]{2,8}_)?(?=(?:[a-z]{0,12}\d){4})[a-z0-9]{20,200}+))(?!\w)",
        "Access token was successfully cre¦ated: {H40}",
        "token: none",
        fold=True,
    ),
    SecretRule(
        "push-address",
        ("discord://", "gotify://", "gotifys://", "tgram://", "pover://", "pushover://", "pbul://", "slack://", "ntfys://"),
        r"(?:discord|gotifys?|tgram|pover|pushover|pbul|slack|ntfys)://(?:[\w.:-]{1,80}/(?=[\w-]{15}))?((?=[^\s\"'<>]{0,60}\d)[^\s\"'<>\0]{15,300}+)(?!\0)",
        "apprise dis¦cord://{N18}/{A68}",
        "discord://localhost and slack://channel",
    ),
    SecretRule(
        "sentry-dsn",
        ("https://",),
        r"https://([0-9a-f]{32})@(?=[\w.-]{1,100}/\d)",
        "SENTRY_DSN=https://{H32}@o1.sentry.example/2",
        "https://me@o1.sentry.example/2",
    ),
    SecretRule(
        "vault-key",
        ("Unseal Key", "Recovery Key"),
        r"(?:Unseal|Recovery) Key \d{1,2}: ([A-Za-z0-9+/]{43,44}+=?)",
        "Unseal Key 1: {A43}=",
        "Unseal Key 1: lost",
    ),
    SecretRule(
        "vault-key",
        ("secret_id",),
        r"secret_id[\"']?[ \t]{0,20}[ \t=:][ \t]{0,20}[\"']?([0-9a-f]{8}-[0-9a-f-]{27})(?!\w)",
        "secret_id   {G}",
        "secret_id_accessor {G}",
    ),
    SecretRule(
        "setup-key",
        ("setup",),
        r"setup[_-]?key[\"']?[ \t]{0,4}[=: ][ \t]{0,4}[\"']?([0-9a-f]{8}-[0-9a-f-]{27})(?!\w)",
        "NB_SETUP¦_KEY={G}",
        "setup key: none",
        fold=True,
    ),
    SecretRule(
        "esphome-key",
        ("encryption:",),
        r"encryption:[ \t]{0,4}(?:\r?\n[ \t]{1,20})?key:[ \t]{0,4}[\"']?([a-z0-9+/]{43}=)",
        "encryption: key: {A43}=",
        "encryption: key: my-file",
        fold=True,
    ),
    SecretRule(
        "storj-grant",
        ("access",),
        r"access(?:(?<=storj_access)|[_ -]?grant)[\"']?[ \t]{0,4}[=: ][ \t]{0,4}[\"']?(1[a-z0-9]{60,2000}+)",
        "STORJ_ACC¦ESS_GRANT=1{A100}",
        "ACCESS_GRANT=1",
        fold=True,
    ),
    SecretRule(
        "api-key",
        ("?appid=", "&appid="),
        r"[?&]appid=([0-9a-f]{32})(?!\w)",
        "/data/2.5/weather?q=Rome&appid={H32}",
        "?appid=570",
    ),
    SecretRule(
        "headscale-key",
        ("preauth",),
        r"preauth[ _-]?keys?[\"']?[ \t]{0,4}[=: ][ \t]{0,4}[\"']?([0-9a-f]{48})(?!\w)",
        "headscale preau¦thkeys: {H48}",
        "preauthkeys list",
        fold=True,
    ),
    SecretRule(
        "crowdsec-key",
        ("key for '",),
        r"key for '[\w.-]{1,80}':[ \t]{0,4}(?:\r?\n[ \t]{0,8}){0,2}([\w+/=-]{20,100}+)",
        "API key for 'caddy': {A43}",
        "key for 'caddy': none",
    ),
    SecretRule(
        "presigned-url",
        ("signature=", "security-token="),
        r"(?:signature|security-token)=((?=[^\s&]{0,60}\d)[\w%+/=-]{20,2000}+)",
        "?X-Amz-Expires=60&X-Amz-Sig¦nature={H64}",
        "signature=missing_or_not_verifiable",
        fold=True,
    ),
    SecretRule(
        "headscale-key", ("hskey-",), r"hskey-(?:auth|api|authreq)-[\w-]{20,200}+", "hske¦y-auth-{A12}-{A64}", "hskey-auth"
    ),
    SecretRule(
        "webhook-url",
        ("/hook", "/webhook"),
        r"/(?:web)?hooks?/((?=[\w/-]{0,60}\d)(?=[\w/-]{0,60}[A-Za-z])(?:[\w-]{1,40}/)?[\w-]{20,200}+)",
        "POST https://chat.home/hoo¦ks/{x26}",
        "GET /webhooks/list-of-all-of-the-webhooks and kb/hooks/pre-commit",
    ),
    SecretRule("zerotier-key", (":0:",), r":0:[0-9a-f]{128}:([0-9a-f]{128})", "{H10}:0:{N128}:{H128}", "{H10}:0:{H128}"),
    SecretRule(
        "docker-auth",
        ("eyJhdXRocyI6", "ewogICJhdXRocyI6", "ewoJImF1dGhz", "eyAiYXV0aHMi"),
        r"(?:eyJhdXRocyI6|ewogICJhdXRocyI6|ewoJImF1dGhz|eyAiYXV0aHMi)[\w+/=-]{20,20000}+",
        ".dockerconfigjson: ey¦JhdXRocyI6{A60}",
        "eyJhdXRocyI6 is how it begins",
    ),
    SecretRule(
        "private-key",
        ('"d"', '"k"'),
        r"\"[dk]\"[ \t]{0,4}:[ \t]{0,4}\"([\w-]{40,4000}+)\"",
        '{"kty":"RSA","e":"AQAB","d":"{A90}"}',
        '{"d":"{A90}"}',
        needs=('"kty"',),
    ),
    SecretRule(
        "private-key",
        ("BORG_KEY ",),
        r"BORG_KEY [0-9a-f]{64}\r?\n((?:[A-Za-z0-9+/=]{4,200}+(?:\r?\n|$)){1,60})",
        "BORG_KEY {H64}\n{A64}\n{A20}==",
        "BORG_KEY is exported",
    ),
    SecretRule(
        "dyndns-url",
        ("afraid.org/",),
        r"afraid\.org/(?:dynamic/update\.php\?|u/)([\w=]{16,200}+)",
        "curl https://freedns.afraid¦.org/dynamic/update.php?{A44}",
        "https://freedns.afraid.org/dynamic/v2/",
    ),
    SecretRule(
        "url-token",
        ("://",),
        r"://((?=[\w-]{0,60}\d)[\w-]{24,300}+)@(?=[\w\[])",
        "https://{A40}@git.home/me/lab",
        "ssh://a-user-of-that-long-name@nas",
    ),
    *(
        SecretRule(
            "api-token",
            (head,),
            re.escape(head) + rf"(?<![A-Za-z0-9].{{{len(head)}}})(?=[\w.+/=-]{{0,80}}\d)[\w.+/=,-]{{20,4000}}+",
            f"{head}{{A36}}",
            f"{head}documentation_of_the_api_of_that_company",
        )
        for head in "ops_eyJ ATATT3 ATCTT3 ATBB AKCp cmVmd dnkey- dt0c01. fm1a_ fm1r_ fm2_ fo1_ shpat_ shpss_ sbp_ lin_api_ ntn_ NRAK- PMAK- pscale_tkn_ pscale_pw_ pscale_oauth_ rubygems_ sgp_ tfp_ xkeysib- xsmtpsib- lsv2_pt_ lsv2_sk_ nfp_ sq0atp- sq0csp- rnd_ CFPAT- HRKU- figd_ mlsn. bkua_ tvly- nvapi- nbp_ phx_ glffct- tgp_ apify_api_ ptr_ GR1348941".split()
    ),
    *(
        SecretRule(
            "api-token",
            (head,),
            re.escape(head) + rf"(?<!\w.{{{len(head)}}}){tail}(?!\w)",
            head + example,
            head + "documentation_of_the_api_of_that_company",
        )
        for head, tail, example in (
            ("dapi", "[0-9a-f]{32}", "{H32}"),
            ("pul-", "[0-9a-f]{40}", "{H40}"),
            ("oy2", "[a-z0-9]{43}", "{x43}"),
            ("sk1_", "[0-9a-f]{64}", "{H64}"),
            ("pk1_", "[0-9a-f]{64}", "{H64}"),
            ("cio", "[A-Za-z0-9]{32}", "{A32}"),
            ("re_", "[A-Za-z0-9]{8}_[A-Za-z0-9]{20,30}", "{A8}_{A24}"),
            ("squ_", "[0-9A-Za-z]{40}", "{H40}"),
            ("sqp_", "[0-9A-Za-z]{40}", "{H40}"),
            ("sqa_", "[0-9A-Za-z]{40}", "{H40}"),
            ("sha256~", "[\\w-]{43}", "{A43}"),
            ("gAAAAA", "[\\w-]{60,4000}", "{A90}"),
        )
    ),
    SecretRule(
        "azure-key",
        ("Q~",),
        r"[\w~.]{3}\dQ~(?<![\w~.]{7})[\w~.-]{31,34}(?![\w~-])",
        "abc8Q¦~{A34}",
        "Q~ is a mark",
        inside=True,
    ),
    SecretRule(
        "1password-key",
        ("A3-",),
        r"A3-(?<!\w...)[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
        "Secret Key A¦3-{U6}-{U6}-{U5}-{U5}-{U5}-{U5}",
        "A3-size paper",
    ),
    SecretRule(
        "private-key",
        ("LS0tLS1CRUdJTiB",),
        r"LS0tLS1CRUdJTiB(?:QUklWQVRF|SU0EgUFJJVkFUR|FQyBQUklWQVRF|PUEVOU1NI|FTkNSWVBURUQg|EU0EgUFJJVkFUR|QR1AgUFJJVkFUR)[\w+/=]{16,20000}+",
        "<prv>LS0tLS1CRUdJTiB¦QUklWQVRF{A90}</prv>",
        "ca.crt: LS0tLS1CRUdJTiBDRVJU{A90}",
    ),
    SecretRule(
        "aws-key", ("AKIA", "ASIA"), r"A(?:KIA|SIA)[A-Z0-9]{16}:[\w+/]{40}(?![\w+/])", "AK¦IA{U16}:{A40}", "arn:aws:iam::AKIA"
    ),
    SecretRule(
        "passkey",
        ("/announce",),
        r"/(?:announce/([0-9a-f]{32})|([0-9a-f]{32})/announce)(?!\w)",
        "https://tracker.example/announce/{H32}",
        "/announce/ is down",
        inside=True,
    ),
    SecretRule(
        "zwave-key",
        ("s0_", "s2_"),
        r"s[02]_[a-z_]{4,40}[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?([0-9a-f]{32})(?!\w)",
        "S2_Authenticated: {H32}",
        "s2_version: 3",
        fold=True,
    ),
    SecretRule(
        "webhook-url",
        ("webhook",),
        r"webhook_?id[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?((?=[\w-]{0,60}\d)[\w-]{16,100}+)",
        "webhook_id: {H64}",
        "webhook_id: doorbell",
        fold=True,
    ),
    SecretRule(
        "stream-key",
        ("rtmp://", "rtmps://"),
        r"rtmps?://[^\s/]{1,100}/(?:live2|app|rtmp)/((?=[\w.-]{0,60}\d)[\w.-]{12,100}+)",
        "ffmpeg -f flv rtmp://a.tv.example/live2/{x4}-{x4}-7{x3}-{x4}",
        "rtmp://a.tv.example/live2/your-stream-key",
    ),
    SecretRule(
        "kubernetes-token", ("token-",), r"token-[a-z0-9]{5}:([a-z0-9]{54})(?!\w)", "token-{x5}:{x54}", "token-abcde:latest"
    ),
)
