// Signatures of log lines, as kb/logs/fingerprint.py makes them: its tables come as data (assets/paste/rules.js), the few functions
// around them are these. tests/site/test_paste.py holds both against each other. Where Python counts characters, so does this.
"use strict"

var kbSignature = (() => {
  let rules = null
  let kits = [] // the patterns, for texts that are ASCII and for all others

  function learn(data) {
    rules = data
    for (const name of ["hosts", "units", "files", "common", "beforeAName", "noNames"]) rules[name] = new Set(data.words[name].split(" "))
    rules.after = new Set(data.after)
    rules.curly = new RegExp(`[${Object.keys(data.straight).join("")}]`, "g")
    kits = [null, null]
  }

  function kit(unicode) {
    const made = (pair, flags) => new RegExp(pair[unicode], flags + (unicode ? "u" : ""))
    const joined = (pairs, flags) => new RegExp(pairs.map(pair => pair[unicode]).join("|"), flags + (unicode ? "u" : ""))
    const { patterns } = rules
    const ways = rules.parts.map(([name, ...pair]) => `(?<r_${name.replaceAll(" ", "_")}>${pair[unicode]})`)
    const found = {
      headers: joined(rules.headers.map(row => row.slice(1)), "y"),
      parts: new RegExp(`(?=${patterns.begins[unicode]})(?:(?<r_mere>${patterns.mere[unicode]})|${ways.join("|")})`, unicode ? "gu" : "g"),
    }
    for (const [name, flags] of Object.entries(FLAGS)) found[name] = made(patterns[name], flags)
    for (const name of ["trouble", "troubleWords"]) found[name] = rules[name].map(([weight, ...pair]) => [weight, made(pair, "")])
    return found
  }
  // How each pattern is used: from the beginning of a text (y), for all that it finds (g), or for the first.
  const FLAGS = { ansi: "g", windows: "y", own: "y", trace: "y", logfmt: "g", logfmtSign: "", name: "", separators: "g", escapedBreak: "g", library: "", clauseEnd: "g", remark: "", code: "g", numbered: "g", nameParts: "g", digit: "", digits: "g", port: "g", aboutAPort: "", ofItsKind: "g", programPart: "", program: "y", behindAName: "y", behindFor: "y", behindAFirst: "y", withDigits: "y",
    quietLevel: "", noTrouble: "", lifecycle: "", advice: "", setting: "y", request: "", pointsBack: "" }

  const isAscii = text => /^[\x00-\x7f]*$/.test(text)

  function patternsFor(text) {
    const unicode = isAscii(text) ? 0 : 1
    return kits[unicode] || (kits[unicode] = kit(unicode))
  }

  // ---- what Python's strings do ----------------------------------------------------------------------------------------

  const BLANK = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]"
  const FIRST_BLANKS = new RegExp(`^${BLANK}+`), ANY_BLANKS = new RegExp(`${BLANK}+`), ONLY_BLANKS = new RegExp(`^${BLANK}*$`)
  const ONE_BLANK = new RegExp(BLANK)
  const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/

  const strippedLeft = text => text.replace(FIRST_BLANKS, "")
  function strippedRight(text) {
    let end = text.length
    while (end && ONE_BLANK.test(text[end - 1])) end--
    return text.slice(0, end)
  }
  const stripped = text => strippedLeft(strippedRight(text))
  const isBlank = text => ONLY_BLANKS.test(text)
  const words = text => stripped(text).split(ANY_BLANKS).filter(word => word)
  const isDecimal = text => /^\p{Nd}+$/u.test(text)
  const isAlnum = text => /^[\p{L}\p{N}]+$/u.test(text)
  const hasAstral = text => /[\ud800-\udbff][\udc00-\udfff]/.test(text)
  const size = text => hasAstral(text) ? Array.from(text).length : text.length
  const cut = (text, start, end) => hasAstral(text) ? Array.from(text).slice(start, end).join("") : text.slice(start, end)
  const firstOf = text => String.fromCodePoint(text.codePointAt(0))
  function lastOf(text, end = text.length) {
    const last = text[end - 1] || ""
    return last >= "\udc00" && last <= "\udfff" && end > 1 ? text.slice(end - 2, end) : last
  }

  function trimmed(text, signs, left = true, right = true) {
    let start = 0, end = text.length
    while (left && start < end && signs.includes(text[start])) start++
    while (right && end > start && signs.includes(text[end - 1])) end--
    return text.slice(start, end)
  }

  function partition(text, mark, last = false) {
    const place = last ? text.lastIndexOf(mark) : text.indexOf(mark)
    if (place < 0) return last ? ["", "", text] : [text, "", ""]
    return [text.slice(0, place), mark, text.slice(place + mark.length)]
  }

  function fits(pattern, text, start = 0) {
    pattern.lastIndex = start
    return pattern.exec(text)
  }

  // ---- from a text to its messages -------------------------------------------------------------------------------------

  const withoutAnsi = text => text.includes("\x1b") ? text.replace(patternsFor(text).ansi, "") : text

  const LARGE = 200000

  function* linesOf(text) {
    const ends = new RegExp(LINE_END, "g")
    for (let start = 0; start < text.length;) {
      const end = ends.exec(text)
      yield text.slice(start, end ? end.index : text.length)
      if (!end) return
      start = ends.lastIndex
    }
  }

  function* messages(text) {
    const large = text.length > LARGE, fromWindows = text.includes("Event ID:")
    const source = linesOf(large ? text : withoutAnsi(text)), ahead = []
    // Whether so many lines are ahead. They are read as they are needed: a megabyte of them would hold the page.
    const has = count => {
      for (let next; ahead.length < count && !(next = source.next()).done;) {
        const line = large ? withoutAnsi(next.value) : next.value
        if (line && !isBlank(line) && !(fromWindows && fits(patternsFor(line).windows, line))) ahead.push(line)
      }
      return ahead.length >= count
    }
    while (has(1)) {
      let end = 1
      while (end < rules.pieces && has(end + 1) && isBroken(ahead[end - 1], ahead[end])) end++
      const pieces = ahead.splice(0, end)
      if (pieces.length > 1) {
        yield* unwrapped(stripped(pieces.join("")))
        yield* unwrapped(pieces.map(stripped).join(" "))
      }
      for (const piece of pieces) yield* unwrapped(stripped(piece))
    }
  }

  function isBroken(line, following) {
    if (line.length < rules.narrowest || size(line) < rules.narrowest) return false
    const first = firstOf(following), last = lastOf(line)
    return (isAlnum(last) || " ,-_/)(=".includes(last))
      && !isFrame(line)
      && !isFrame(following)
      && (/^\p{Lowercase}$/u.test(first) || isDecimal(first) || "\"',.;:?!)".includes(first))
      && !fits(patternsFor(following).own, following)
      && !withoutHeaders(following).stamped
  }

  function unwrap(line) {
    for (const message of unwrapped(strippedRight(line))) return message
    return { line, program: "", origin: "", text: "", stamped: false }
  }

  function* unwrapped(line, depth = 0) {
    const { program, origin, text, stamped } = withoutHeaders(straight(line))
    const said = saidInStructure(text)
    if (said === null || depth > 1) {
      yield { line, program, origin, text: shortened(said === null ? text : said), stamped }
      return
    }
    for (const part of said.split(LINE_END)) {
      if (!part || isBlank(part)) continue
      for (const inner of unwrapped(stripped(part), depth + 1)) {
        yield { ...inner, program: program || inner.program, origin: stripped(`${origin} ${inner.origin}`), stamped: true }
      }
    }
  }

  function straight(line) {
    if (!isAscii(line)) line = line.replace(rules.curly, sign => rules.straight[sign])
    if (line.includes("&")) for (const [entity, sign] of rules.entities) line = line.replaceAll(entity, sign)
    return line
  }

  function shortened(text) {
    if (text.length <= rules.longest || size(text) <= rules.longest) return text
    return `${cut(text, 0, rules.head)} ${cut(text, -rules.tail)}`
  }

  function withoutHeaders(line) {
    let program = "", start = 0, stamped = false
    const origins = []
    const pattern = patternsFor(line).headers
    for (let round = 0; round < 12; round++) {
      const match = fits(pattern, line, start)
      const end = pattern.lastIndex
      if (!match || end === start || end >= line.length) break
      const row = rules.headers.findIndex((_, i) => match.groups[`h${rules.places[i]}`] !== undefined)
      const place = rules.places[row]
      if (!stamped && rules.after.has(rules.headers[row][0])) break
      if (match.groups[`o${place}`]) origins.push(match.groups[`o${place}`])
      if (!program && match.groups[`p${place}`]) program = match.groups[`p${place}`]
      start = end
      stamped = true
    }
    return { program, origin: origins.join(" "), text: line.slice(start), stamped }
  }

  // What a JSON line, logfmt, or a line with line ends written out says; null when the text is none of these.
  function saidInStructure(text) {
    if (text.includes("\\n")) {
      const lines = text.split(patternsFor(text).escapedBreak)
      if (lines.length > 1) return lines.join("\n")
    }
    const brace = text.indexOf('{"'), end = text.lastIndexOf("}") + 1
    if (brace >= 0 && size(text.slice(0, brace)) < 200 && size(text.slice(end)) < 12) {
      const said = saidInJson(text.slice(brace, end))
      if (said) return text.slice(0, brace) + said
    }
    if (text.includes("=") && patternsFor(text).logfmtSign.test(text)) return saidInLogfmt(text) || null
    return null
  }

  function saidInJson(text) {
    let record
    try {
      record = JSON.parse(text)
    } catch (error) {
      try {
        // Python's loggers write these, and Python reads them.
        record = JSON.parse(text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, part => part[0] === '"' ? part : "null"))
      } catch (again) {
        return ""
      }
    }
    if (!isRecord(record)) return ""
    const get = key => Object.hasOwn(record, key) ? record[key] : undefined
    const said = saidInRecord(get), program = asText(get("SYSLOG_IDENTIFIER"))
    return said && fits(patternsFor(program).program, program) ? `${program}[1]: ${said}` : said
  }

  // A record's value as text, without colours; journald writes what holds such signs as a list of the numbers of its bytes.
  function asText(value) {
    if (Array.isArray(value) && value.length && value.every(byte => Number.isInteger(byte) && byte >= 0 && byte < 256)) {
      value = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(value))
    }
    return typeof value === "string" ? withoutAnsi(value) : ""
  }

  const isRecord = value => typeof value === "object" && value !== null && !Array.isArray(value)

  function saidInRecord(get, depth = 0) {
    let said = ""
    for (const key of rules.messageKeys) {
      said = asText(get(key))
      if (said) break
    }
    for (const key of [...rules.causeKeys, ...rules.recordKeys]) {
      let cause = get(key)
      if (isRecord(cause)) {
        const inner = cause
        cause = depth < 3 ? saidInRecord(name => Object.hasOwn(inner, name) ? inner[name] : undefined, depth + 1) : ""
      } else if (rules.recordKeys.includes(key)) {
        continue
      }
      cause = asText(cause)
      if (cause) said += (cause.includes("\n") ? "\n" : said ? ": " : "") + cause
    }
    return stripped(said)
  }

  function saidInLogfmt(text) {
    const found = new Map()
    let pairs = 0
    for (const { groups: { key, value } } of text.matchAll(patternsFor(text).logfmt)) {
      pairs++
      found.set(key, value[0] === '"' ? value.slice(1, -1).replaceAll('\\"', '"').replaceAll("\\n", " ") : value)
    }
    const patterns = patternsFor(text)
    if (!found.has("level") && !found.has("lvl") && !found.has("msg") && (pairs < rules.fewestPairs || text.search(patterns.logfmt) !== 0)) return ""
    if (words(text.replace(patterns.logfmt, "")).filter(word => patternsFor(word).name.test(word)).length > rules.wordsBeside) return ""
    const said = saidInRecord(key => found.get(key))
    if (!said) return ""
    const quiet = new Set([...rules.quietKeys, ...rules.messageKeys, ...rules.causeKeys])
    const rest = [...found].filter(([key]) => !quiet.has(key)).map(([key, value]) => `${key}=${value}`).join(" ")
    return stripped(`${said} ${rest}`)
  }

  const isOfLibrary = line => patternsFor(line).library.test(line)
  const isFrame = line => fits(patternsFor(line).trace, line) !== null

  // ---- from a message to its signature ---------------------------------------------------------------------------------

  function signature(line) {
    for (const message of messages(line)) return signatureOf(message)
    return ""
  }

  function signatureOf(message) {
    let found = tokens(message.text)
    if (patternsFor(message.text).aboutAPort.test(message.text)) found.push(...ports(message.text))
    if (message.origin || message.program) {
      const name = programName(message.program)
      if (name) found.unshift(`@${name}`)
      const origin = tokens(message.origin).filter(token => !"<§".includes(token[0])).map(token => `~${trimmed(token, "~", true, false)}`)
      const names = new Set(message.origin.match(patternsFor(message.origin).ofItsKind))
      found = [...new Set(origin), ...found.map(token => names.has(token) ? `~${token}` : token)]
    }
    return found.join(" ")
  }

  function programName(program) {
    const [first, slash] = partition(program, "/")
    const isOwn = slash && patternsFor(first).name.exec(first)?.index === 0 && !rules.noParents.includes(first)
    const own = isOwn ? first : partition(program, "/", true)[2]
    const name = patternsFor(own).name.exec(own)
    if (!name) return ""
    const lower = name[0].toLowerCase()
    return lower.replace(patternsFor(lower).programPart, "")
  }

  function ports(text) {
    const found = [...text.matchAll(patternsFor(text).port)].map(([, number]) => decimal(number))
    return [...new Set(found.filter(number => number < rules.passingPort).map(number => `~port${number}`))]
  }

  // A number in the digits of any script, as Python reads it.
  const decimal = text => [...text].reduce((sum, digit) => 10 * sum + digitValue(digit.codePointAt(0)), 0)
  function digitValue(code) {
    if (code < 128) return code - 48
    let zero = code
    while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--
    return code - zero
  }

  const QUOTES = "\"'`", BEFORE_A_VALUE = "=\"'`"

  function tokens(text) {
    const found = []
    let last = "", nounEnd = -1
    const pattern = patternsFor(text).parts
    pattern.lastIndex = 0
    for (let count = 0; count < rules.most; count++) {
      const match = pattern.exec(text)
      if (!match) break
      const part = match[0], end = pattern.lastIndex, start = match.index
      let made
      if (match.groups.r_mere !== undefined || match.groups.r_word !== undefined) {
        if (isValue(text, start, end, last) || (start <= nounEnd + 1 && isAName(text, start, end, last))) {
          made = [`~${part.toLowerCase()}`]
        } else {
          made = wordOnce(part)
          if (made.length && rules.beforeAName.has(made.at(-1))) nounEnd = end
        }
      } else {
        const kind = rules.parts.find(([name]) => match.groups[`r_${name.replaceAll(" ", "_")}`] !== undefined)[0]
        made = READ[kind](part)
      }
      for (const token of made) {
        if (token !== last || !"<~".includes(token[0])) found.push(token)
        last = token
      }
    }
    return found
  }

  function isValue(text, start, end, last) {
    const before = start ? text[start - 1] : " "
    if (!BEFORE_A_VALUE.includes(before)) return false
    if (before === "=") return isAlnum(lastOf(text, start - 1)) && !rules.tellingKeys.includes(partition(last, "_", true)[2])
    return end >= text.length || QUOTES.includes(text[end])
  }

  function isAName(text, start, end, last) {
    const patterns = patternsFor(text)
    if (!start) return fits(patterns.behindAFirst, text, end) !== null
    const word = text.slice(start, end), lower = word.toLowerCase()
    if (text[start - 1] !== " " || rules.noNames.has(lower) || (lower.match(/\p{Nd}/gu) || []).length > rules.mostDigits || ["ed", "ing", "ly", "able"].some(ending => lower.endsWith(ending)) || isCamel(word)) return false
    return fits(last === "for" ? patterns.behindFor : patterns.behindAName, text, end) !== null
  }

  function values(part) {
    const body = part.includes("://") ? partition(part, "://")[2] : part
    const path = partition(body, "?")[0]
    const patterns = patternsFor(path)
    const found = path.split(patterns.separators).slice(0, 12)
      .map(piece => trimmed(piece, ".-").toLowerCase())
      .filter(piece => size(piece) > 1 && !patternsFor(piece).digit.test(piece))
      .map(piece => `~${piece}`)
    return found.length ? found.slice(0, 6) : ["<path>"]
  }

  const hex = part => size(part) === 10 ? [`~${part.toLowerCase()}`, "<hex>"] : ["<hex>"]
  const code = part => (part.match(patternsFor(part).code) || []).map(token => isDecimal(lastOf(token)) ? `§${token}` : token.toLowerCase())

  const known = new Map()
  function wordOnce(part) {
    let found = known.get(part)
    if (!found) {
      if (known.size > 20000) known.clear()
      known.set(part, found = word(part))
    }
    return found
  }

  function word(part) {
    if (part.length > 100 && size(part) > 100) return ["<id>"]
    if (part.includes(".") || part.includes("@")) return hasDigitsInItsName(part) ? [part.toLowerCase()] : [...dotted(part)]
    const pieces = part.split("-")
    if (pieces.length > 2 && 2 * pieces.filter(isShortCode).length >= pieces.length) return ["<id>"]
    return pieces.flatMap(plainWord)
  }

  const hasDigitsInItsName = piece => fits(patternsFor(piece.toLowerCase()).withDigits, piece.toLowerCase()) !== null
  const isShortCode = piece => /\p{Nd}/u.test(piece) && size(trimmed(piece, "0123456789", false)) <= 2

  function* dotted(part) {
    const [head, , last] = partition(part, ".", true)
    const after = partition(part, ".")[2]
    const lower = part === part.toLowerCase() || (part.split(".").length > 2 && after === after.toLowerCase())
    if (part.includes("@") || (lower && (rules.hosts.has(last) || (size(last) === 2 && head.includes(".") && !rules.files.has(last))))) {
      yield `~${part.toLowerCase()}`
    } else if (rules.units.has(last)) {
      yield `~${head.toLowerCase()}`
      yield last
    } else if (rules.files.has(last.toLowerCase()) && !head.includes(".")) {
      yield patternsFor(part).digit.test(part) ? `~${part.toLowerCase()}` : part
    } else if (isDecimal(last)) {
      for (const piece of part.split(/[.-]/)) yield* plainWord(piece)
    } else {
      yield `~${head.toLowerCase()}`
      for (const piece of last.split("-")) yield* plainWord(piece)
    }
  }

  function plainWord(piece) {
    if (!piece) return []
    const digits = (piece.match(/\p{Nd}/gu) || []).length
    if (digits && isDecimal(piece)) return ["<n>"]
    if (digits && hasDigitsInItsName(piece)) return [piece.toLowerCase()]
    if (digits && isRandom(piece, digits)) return ["<id>"]
    const found = []
    const stem = trimmed(digits ? piece.replace(patternsFor(piece).numbered, "") : piece, "_$")
    if (stem) found.push(isCamel(stem) ? stem : stem.toLowerCase())
    if (digits) found.push(size(piece) <= 8 ? `~${piece.toLowerCase()}` : "<n>")
    return found
  }

  function isCamel(stem) {
    const rest = cut(stem, 1)
    return rest !== rest.toLowerCase() && stem !== stem.toUpperCase()
  }

  function isRandom(piece, digits) {
    const letters = Array.from(piece)
    if (letters.length >= 6 && /^[0-9a-fA-F]+$/.test(piece)) return true
    let changes = 0
    for (let i = 1; i < letters.length; i++) {
      const [a, b] = [letters[i - 1], letters[i]]
      if (isDecimal(a) !== isDecimal(b) && a !== "_" && b !== "_") changes++
    }
    return changes >= 3 && letters.length >= 7 && digits * 5 >= letters.length
  }

  const READ = {
    kept: part => [part],
    url: values,
    uuid: () => ["<id>"],
    mac: () => ["<mac>"],
    time: () => ["<time>"],
    ipv4: () => ["<ip>"],
    ipv6: () => ["<ip>"],
    "quoted address": part => [`~${partition(part, ":")[0].toLowerCase()}`],
    "windows path": values,
    path: values,
    hex,
    "code after its name": code,
    "code in brackets": code,
    disk: part => [`~${part}`],
    "database code": part => ["sqlstate", `§${trimmed(partition(part, "[", true)[2], "]", false).toLowerCase()}`],
    "SQL error": part => ["sqlstate", `§${words(part)[1]}`],
    "library code": part => [`§${part.toLowerCase()}`],
    image: part => {
      const name = partition(part, ":", true)[0]
      return values(name.endsWith("@sha256") ? name.slice(0, -7) : name)
    },
    "message code": part => [`§${part.toLowerCase()}`],
    number: () => ["<n>"],
  }

  // The terms of a signature with their weights.
  function terms(signature) {
    const found = new Map()
    for (let token of words(signature)) {
      let weight
      if (token[0] === "<") {
        weight = rules.weights.masked
      } else if ("~@".includes(token[0])) {
        weight = rules.weights.value
      } else {
        const lower = token.toLowerCase()
        if (lower !== token || token.includes("_")) {
          for (const part of nameParts(token)) found.set(part, Math.max(found.get(part) || 0, rules.weights.partOfName))
        }
        token = lower
        weight = rules.common.has(lower) ? rules.weights.common : rules.weights.plain
      }
      if ((found.get(token) || 0) < weight) found.set(token, weight)
    }
    return found
  }

  const nameParts = name => (name.match(patternsFor(name).nameParts) || []).filter(part => size(part) > 1).map(part => part.toLowerCase())

  // Like Python's fingerprint, but a hash that both languages make.
  function mark(signature) {
    const found = words(signature).filter(token => !"<~@".includes(token[0])).map(token => token.toLowerCase())
    if (found.length < 2 && size(found.join("")) < 10) return ""
    return hashed(found.join(" "))
  }

  function hashed(text) {
    let number = 7
    for (const char of text) number = (Math.imul(number, 31) + char.codePointAt(0)) >>> 0
    return number.toString(36)
  }

  // The clauses of a message, without the page where one can read more.
  function clausesOf(text) {
    const said = text.replace(patternsFor(text).remark, "")
    return said.split(patternsFor(said).clauseEnd)
  }

  const numbers = line => new Set(cut(line, -300).match(patternsFor(line).digits) || [])

  // ---- how much a line looks like an error, as kb/picking.py and kb/telling.py say it -----------------------------------

  const has = (name, text) => text.search(patternsFor(text)[name]) >= 0

  function isAdvice(text) {
    return has("advice", text.toLowerCase()) && has("advice", cut(unwrap(text).text, 0, rules.telling.adviceBegins).toLowerCase())
  }

  function saysNothing(text, trouble) {
    const lower = text.toLowerCase()
    if (has("noTrouble", lower) || fits(patternsFor(text).setting, text) || isAdvice(text)) return true
    return trouble <= rules.telling.endsAtMost && has("lifecycle", lower)
  }

  function troubleIn(text) {
    const { least, clear, quiet, levelBefore, warned, answered } = rules.telling
    const request = patternsFor(text).request.exec(text)
    if (request) return request.groups.status[0] === "5" ? answered : 0
    const lower = text.toLowerCase()
    const signs = patternsFor(text).trouble.filter(([, pattern]) => pattern.test(text)).map(([weight]) => weight)
    const words = patternsFor(lower).troubleWords.filter(([, pattern]) => pattern.test(lower)).map(([weight]) => weight)
    const trouble = Math.max(0, ...signs, ...words)
    if (!trouble || saysNothing(text, trouble)) return 0
    if (trouble <= clear && has("quietLevel", cut(text, 0, levelBefore))) return Math.min(trouble, quiet)
    return trouble === least && signs.includes(1) ? warned : trouble
  }

  const troubles = new Map()
  function troubleOf(text) {
    let found = troubles.get(text)
    if (found === undefined) {
      if (troubles.size > 20000) troubles.clear()
      troubles.set(text, found = troubleIn(text))
    }
    return found
  }

  const pointsBack = text => has("pointsBack", text.toLowerCase())

  return { learn, withoutAnsi, strippedRight, messages, unwrap, signature, signatureOf, terms, mark, isFrame, numbers, isBlank, words, strippedLeft, isOfLibrary, clausesOf, cut, partition, linesOf, troubleOf, isAdvice, saysNothing, pointsBack }
})()
