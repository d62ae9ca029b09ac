// Have I seen this error? The same answers as `kb seen`, in the browser alone. A page that wants to ask loads signature.js, then
// this, by script tags (a page from a folder may load scripts and nothing else), and asks:
//
//   kb.seen(text, {limit = 10, cancelled = () => false, progress = share => {}}) → Promise of
//     {known, lines, logLike, unknown: [{line, last, count, firstAt, lastAt, trouble, background}], answers: [{strength, why, score, line, knownLine, title, page, date, services, kind, fix, cause, check, deadEnds, history}]}
//   kb.isLogLike(text) → Promise of whether a text looks like a program wrote it; else plain words are better asked elsewhere.
//
// `strength` is same, likely or weak, which is no claim. Whatever the text, it answers; `null` when `cancelled()` said so meanwhile.
// It reads what kb/site/browser/ wrote: rules.js (the tables of kb/logs/ and kb/retrieval/), head.js and terms.js (which
// notes hold which term), and of the many lines-*.js and notes-*.js those that it needs. It never holds the page for long.
"use strict"

var kb = Object.assign(globalThis.kb || {}, (() => {
  const assets = new URL("paste/", document.currentScript.src)
  const sign = kbSignature
  const given = new Map(), loading = new Map()
  let rules = null, head = null, families = new Map(), ordinary = new Set()

  // ---- the scripts ----------------------------------------------------------------------------------------------------

  function load(name, query = "") {
    if (!loading.has(name)) {
      loading.set(name, new Promise((done, failed) => {
        const script = document.createElement("script")
        script.src = new URL(`${name}.js${query}`, assets).href
        script.dataset.kbSeen = name
        script.onload = () => { script.remove(); given.has(name) ? done(given.get(name)) : failed(new Error(name)) }
        script.onerror = () => { script.remove(); loading.delete(name); failed(new Error(name)) }
        document.head.append(script)
      }))
    }
    return loading.get(name)
  }

  // What each of the scripts calls.
  const data = value => { given.set(document.currentScript.dataset.kbSeen, value) }

  async function open(query = "") {
    head = await load("head", query)
    const [read, text] = await Promise.all([load(head.rules), load(head.terms)])
    if (rules !== read) {
      rules = read
      sign.learn(read)
      for (const name of ["states", "system", "everywhere", "generic", "negations"]) rules.sets[name] = new Set(rules[name])
      rules.sets.opposites = new Set(rules.opposites.flatMap(([one, other]) => [`${one} ${other}`, `${other} ${one}`]))
      rules.starts = new Map()
      for (const message of [...rules.system].sort((a, b) => b.length - a.length)) {
        const words = message.split(" ")
        rules.starts.set(words[0], [...rules.starts.get(words[0]) || [], words])
      }
      rules.anyProgram = new RegExp(rules.anyProgram)
      rules.boilerplate = new RegExp(rules.boilerplate)
      rules.named = new RegExp(rules.named, "g")
      rules.namedCode = new RegExp(rules.namedCode, "g")
      rules.foldedCodes = new RegExp(rules.foldedCodes, "g")
      rules.causeNames = new RegExp(`\\b(?:${rules.system.sort((a, b) => b.length - a.length).join("|")})\\b`, "g")
      rules.signs = rules.logSigns.map(([ascii, whole]) => [new RegExp(ascii), new RegExp(whole, "u")])
    }
    families = new Map(head.families)
    ordinary = new Set(head.ordinary)
    if (typeof text === "string") given.set(head.terms, postingsFrom(text))
    return given.get(head.terms)
  }

  // Of two builds only one is there: a page that was open meanwhile asks for scripts that are gone, and reads the head anew.
  async function fresh(work) {
    try {
      await (head ? null : open())
      return await work()
    } catch (error) {
      given.clear()
      loading.clear()
      head = null
      await open(`?${Date.now()}`)
      return await work()
    }
  }

  // A line is: how much of the term before is repeated, the rest of the term, a tab, and the distances between its documents.
  function postingsFrom(text) {
    const found = new Map()
    let before = ""
    for (const line of text ? text.split("\n") : []) {
      const tab = line.indexOf("\t")
      before = before.slice(0, DIGIT[line.charCodeAt(0)]) + line.slice(1, tab)
      found.set(before, line.slice(tab + 1))
    }
    return found
  }

  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
  const DIGIT = new Uint8Array(128)
  for (let i = 0; i < 64; i++) DIGIT[DIGITS.charCodeAt(i)] = i

  function postings(term) {
    const every = given.get(head.terms)
    let found = every.get(term)
    if (typeof found === "string") {
      const text = found
      found = []
      let document = -1
      for (let i = 0; i < text.length;) {
        let delta = 0, shift = 0, digit
        do {
          digit = DIGIT[text.charCodeAt(i++)]
          delta |= (digit & 31) << shift
          shift += 5
        } while (digit > 31)
        document += delta
        found.push(document)
      }
      every.set(term, found)
    }
    return found || NONE
  }
  const NONE = []

  const shardOf = (firsts, document) => {
    let low = 0, high = firsts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (firsts[middle] <= document) low = middle
      else high = middle - 1
    }
    return low
  }

  // The rows of documents, from shards of one kind.
  async function rowsOf(kind, documents) {
    const { first, names } = head[kind]
    const places = new Map([...documents].map(document => [document, shardOf(first, document)]))
    await Promise.all([...new Set(places.values())].map(shard => load(names[shard])))
    return new Map([...places].map(([document, shard]) => [document, given.get(names[shard])[document - first[shard]]]))
  }

  // ---- taking turns ----------------------------------------------------------------------------------------------------

  const AT_ONCE = 24 // milliseconds

  class Cancelled extends Error {}

  // Gives the page its turn; it is due when the last one is some while ago.
  function turns(cancelled) {
    let since = performance.now()
    return {
      isDue: () => performance.now() - since > AT_ONCE,
      take: async () => {
        await new Promise(done => setTimeout(done))
        if (cancelled()) throw new Cancelled()
        since = performance.now()
      },
    }
  }

  // ---- terms and lines ---------------------------------------------------------------------------------------------------

  let weighedLines = new Map()

  const frequency = term => {
    const found = given.get(head.terms).get(term)
    return found === undefined ? 0 : postings(term).length
  }

  function rarity(term) {
    const count = head.known + 50
    return Math.log(1 + count / (frequency(term) + 1)) / Math.log(1 + count)
  }

  // A line ready to be compared.
  function weighed(line, signature) {
    let made = weighedLines.get(signature)
    if (!made) {
      if (weighedLines.size > 20000) weighedLines.clear()
      const weights = sign.terms(signature)
      let total = 0
      for (const [term, weight] of weights) {
        const heavy = weight * rarity(term)
        weights.set(term, heavy)
        total += heavy
      }
      const plain = plainOf(signature)
      const pairs = new Set(plain.slice(1).map((word, i) => `${plain[i]}\t${word}`))
      weighedLines.set(signature, made = { line, signature, weights, total, plain, pairs })
    }
    return made.line === line ? made : { ...made, line }
  }

  const plainOf = signature => sign.words(signature).filter(token => !"<~@".includes(token[0])).map(token => token.toLowerCase())

  const signsOf = (line, mark) => line.signature.includes(mark) ? new Set(sign.words(line.signature).filter(token => token[0] === mark)) : new Set()

  // The different messages of a text that say anything, as [line, signature]: of many those that may be known. The others are
  // dropped on the way, since megabytes of them would fill the memory, and then the browser tidies up instead of answering.
  async function different(text, turn, progress) {
    const { lines: most } = rules.limits, all = new Map()
    let found = [], done = 0, count = 0
    for (const message of sign.messages(text)) {
      const signature = sign.signatureOf(message)
      if (sign.words(signature).some(token => token[0] !== "<")) {
        if (!all.has(signature)) {
          all.set(signature, { line: message.line, places: [] })
          found.push([message.line, signature])
          if (found.length > 4 * most) found = best(found, found.map(promise), most)
        }
        const here = all.get(signature)
        here.places.push(count++)
        here.last = message.line
      }
      done += message.line.length
      if (!turn.isDue()) continue
      if (text.length > 100000) progress(Math.min(0.95, done / text.length))
      await turn.take()
    }
    if (ordinary.size) {
      const gone = new Set([...all.keys()].filter(isOrdinary))
      for (const [signature, pieces] of joined([...all.keys()])) if (pieces.some(piece => gone.has(piece))) gone.add(signature)
      for (const signature of gone) all.delete(signature)
      found = found.filter(([, signature]) => all.has(signature))
    }
    return [best(found, found.map(promise), most), await questionOf(all, count, turn)]
  }

  // Whether somebody called such lines ordinary here (kb/ordinary.py).
  function isOrdinary(signature) {
    const words = plainOf(signature)
    return ordinary.has(words.length > 1 ? words.join(" ") : signature)
  }

  // What is known of a whole text (kb.matching.Question): how much each of its lines looks like an error, what recurs in it.
  async function questionOf(all, count, turn) {
    const trouble = new Map()
    for (const [signature, { line }] of all) {
      trouble.set(signature, sign.troubleOf(line))
      if (turn.isDue()) await turn.take()
    }
    const background = recurring(all, trouble, count), putTogether = joined([...all.keys()])
    const alone = [...all.keys()].filter(signature => !putTogether.has(signature))
    const telling = new Set(alone.filter(signature => trouble.get(signature) >= rules.telling.least && !background.has(signature)))
    const told = telling.size ? telling : new Set(alone)
    return {
      all, trouble, telling, count, background, putTogether,
      withPieces: signatures => signatures.flatMap(signature => [signature, ...putTogether.get(signature) || []]),
      asTellingAs: least => { let many = 0; for (const other of trouble.values()) many += Number(other >= least); return many },
      share: signatures => {
        const explained = new Set(signatures.flatMap(signature => putTogether.get(signature) || [signature]))
        return told.size ? [...told].filter(signature => explained.has(signature)).length / told.size : 0
      },
      isBackground: (signature, explained) => {
        if (!background.has(signature)) return false
        const own = Math.max(rules.telling.least, trouble.get(signature) || 0)
        return [...telling].some(other => !explained.has(other) && trouble.get(other) >= own)
      },
    }
  }

  // The signatures of what recurs evenly all over a text (kb/background.py).
  function recurring(all, trouble, count) {
    const { long, often, stretch, stretches, late, muchWorse } = rules.background
    if (count < long) return new Set()
    const isEven = places => places.length >= often && places.at(-1) - places[0] >= stretch * count && places[0] <= late * count
      && new Set(places.map(place => Math.floor(place * stretches / count))).size >= often
    const found = [...all].filter(([signature, { places }]) => trouble.get(signature) && isEven(places)).map(([signature]) => signature)
    const here = new Set(found)
    let once = 0
    for (const [signature, value] of trouble) if (!here.has(signature)) once = Math.max(once, value)
    return new Set(found.filter(signature => once >= rules.telling.least && trouble.get(signature) - once <= muchWorse))
  }

  // Those signatures that are of messages put together of the lines after them, with the signatures of these.
  function joined(signatures) {
    const plains = signatures.map(plainOf), found = new Map()
    plains.forEach((plain, at) => {
      const pieces = []
      let words = 0, together = 0 // how many words and lines are put together so far
      for (let after = at + 1; after < plains.length; after++) {
        const piece = plains[after], earlier = together
        // A line that came several times stands in the list once.
        while (piece.length && isEqual(plain.slice(words, words + piece.length), piece)) {
          words += piece.length
          together++
        }
        if (piece.length && together === earlier) break
        pieces.push(signatures[after])
      }
      if (together < 2 || words !== plain.length) return
      found.set(signatures[at], pieces)
      const before = at ? plains[at - 1] : []
      const longer = plain.length - before.length
      if (at && isEqual(before.slice(0, 1), plain.slice(0, 1)) && longer >= 0 && longer < together) found.set(signatures[at - 1], pieces)
    })
    return found
  }

  // How likely a line is known, which its row keeps: by its mark, else by how much of its words is known at all.
  function promise(row) {
    const [, signature, before] = row
    if (before !== undefined) return before
    const mark = sign.mark(signature)
    if (mark && frequency(`#${mark}`)) return row[2] = 100
    let met = 0, total = 0
    for (const [term, weight] of sign.terms(signature)) {
      const heavy = weight * rarity(term)
      total += heavy
      if (frequency(term)) met += heavy
    }
    return row[2] = met * met / (total || 1)
  }

  // How many lines a text has; and of a large one, one line of each kind, as `kb seen` keeps it: what differs only in digits is of one.
  async function folded(text, turn) {
    const large = text.length > rules.limits.kept, kept = [], isNew = newKinds()
    let lines = 0
    for (let start = 0, end; start < text.length; start = end + 1) {
      end = text.indexOf("\n", start)
      if (end < 0) end = text.length
      if (turn.isDue()) await turn.take()
      if (end === start || sign.isBlank(text.slice(start, Math.min(end, start + 200)))) continue
      lines++
      if (!large) continue
      const line = text.slice(start, Math.min(end, start + rules.limits.line))
      if (isNew(line)) kept.push(line)
    }
    return { lines, read: large ? kept.join("\n") : text }
  }

  // Asks of line after line whether it is the first of its kind, or of its kind the first with its codes.
  function newKinds() {
    const kinds = new Set(), coded = new Map(), codesOf = line => [...line.matchAll(rules.foldedCodes)].map(([, code]) => code)
    return line => {
      const kind = line.replace(/[0-9]+/g, ""), first = !kinds.has(kind)
      kinds.add(kind)
      if (!first && !coded.has(kind)) return false
      const codes = codesOf(line)
      if (!codes.length) return first
      const exact = JSON.stringify([kind, ...codes]), met = coded.get(kind) || 0
      if (kinds.has(exact) || met >= rules.mostCodes) return false
      kinds.add(exact)
      coded.set(kind, met + 1)
      return true
    }
  }

  // The items of the highest scores, in their order; of several alike the first.
  function best(items, scores, most) {
    if (items.length <= most) return items
    const least = Float64Array.from(scores).sort()[scores.length - most]
    let room = most - scores.reduce((count, score) => count + (score > least), 0)
    return items.filter((_, i) => scores[i] > least || (scores[i] === least && room-- > 0))
  }

  // The documents worth a closer look: with the same words, else with the most of the rarest terms.
  function candidates(asked, width) {
    const scores = new Float64Array(head.known)
    const mark = sign.mark(asked.signature)
    const add = (documents, weight) => { for (const document of documents) scores[document] += weight }
    if (mark) add(postings(`#${mark}`), 10)
    const there = [...asked.weights].filter(([term]) => frequency(term))
    for (const [term, weight] of there.sort((a, b) => b[1] - a[1]).slice(0, rules.limits.rarest)) add(postings(term), weight)
    const met = []
    scores.forEach((score, document) => { if (score) met.push(document) })
    return best(met, met.map(document => scores[document]), width).sort((a, b) => scores[b] - scores[a] || a - b)
  }

  // ---- comparing ---------------------------------------------------------------------------------------------------------

  const share = (one, other) => {
    if (!one.size || !other.size) return 0
    let both = 0
    for (const item of one) if (other.has(item)) both++
    return both / Math.min(one.size, other.size)
  }

  const isEqual = (one, other) => one.length === other.length && one.every((item, i) => item === other[i])

  function differ(one, other) {
    return one.size > 0 && other.size > 0 && ![...one].some(item => other.has(item))
  }

  function compare(asked, known) {
    let shared = 0, sharedKnown = 0, order = asked.plain.length ? 1 : 0
    for (const [term, weight] of asked.weights) if (known.weights.has(term)) shared += weight
    for (const [term, weight] of known.weights) if (asked.weights.has(term)) sharedKnown += weight
    const same = isEqual(asked.plain, known.plain)
    if (!same) {
      let both = 0
      for (const pair of asked.pairs) if (known.pairs.has(pair)) both++
      order = both / (Math.min(asked.pairs.size, known.pairs.size) + 0.5)
    }
    const differs = differ(causesOf(asked), causesOf(known))
    const byCode = !differs && [...namedCodes(asked)].some(code => namedCodes(known).has(code))
    if (!same && byCode) order = Math.max(order, rules.orderByCode)
    const ofQuery = shared / asked.total, ofKnown = sharedKnown / (known.total || 1)
    const replaced = order > rules.judging.replaced ? replacedIn(asked, known, same) : 1
    const sameCause = order > 0 && order < 1 && (byCode || hasSameCause(asked.line, known.line))
    const otherCode = differ(signsOf(asked, "§"), signsOf(known, "§"))
    const otherProgram = differ(signsOf(asked, "@"), signsOf(known, "@"))
    const otherCause = order > 0 && differs
    const said = [order, Math.min(shared, rules.mostMass), Number(sameCause), replaced, Number(otherCode), Number(otherCause), Number(otherProgram)]
    const [low, high] = ofQuery < ofKnown ? [ofQuery, ofKnown] : [ofKnown, ofQuery]
    const counted = [Math.sqrt(low * high), low, high, order, share(sign.numbers(asked.line), sign.numbers(known.line))]
    const sum = (values, weights) => values.reduce((all, value, i) => all + value * weights[i], 0)
    return { ofQuery, ofKnown, odds: sum(said, rules.reasons) - rules.unlikely, score: sum(counted, rules.score), replaced, sameCause, otherCode, otherCause, otherProgram }
  }

  // Codes that a program gave one error alone.
  const namedCodes = line => line.codes || (line.codes = new Set(line.signature.match(rules.namedCode) || []))

  // What systems say ("connection refused") of why, as numbers: several names have the same.
  const causesOf = line => line.causes || (line.causes = new Set((line.plain.join(" ").match(rules.causeNames) || []).map(name => rules.causes[name])))

  const clauses = new Map()
  function causeOf(line) {
    let found = clauses.get(line)
    if (!found) {
      if (clauses.size > 5000) clauses.clear()
      const told = sign.clausesOf(sign.unwrap(line).text)
      found = plainOf(sign.signatureOf(sign.unwrap(told.at(-1))))
      const isOfSystem = rules.sets.system.has(found.join(" ")) || !specificWords({ plain: found }).size
      if (isOfSystem || found.length < 3) {
        // It tells only together with the clause before it; what the system says also with the value there: of which file.
        const before = told.length > 1 ? sign.signatureOf(sign.unwrap(told.at(-2))) : ""
        if (isOfSystem) found = before.includes(" ") && before.includes("~") ? [...sign.words(before), ...found] : []
        else found = [...plainOf(before), ...found]
        if (found.length < 3) found = []
      }
      clauses.set(line, found)
    }
    return found
  }

  function hasSameCause(line, knownLine) {
    const [shorter, longer] = [causeOf(line), causeOf(knownLine)].sort((a, b) => a.length - b.length)
    return shorter.length > 0 && isEqual(shorter, longer.slice(-shorter.length))
  }

  function replacedIn(asked, known, same) {
    const a = asked.plain, b = known.plain
    if (same || !a.length || !b.length) return 0
    const weight = (line, words) => words.reduce((all, word) => all + (line.weights.get(word) || 0), 0)
    let lost = 0
    for (const [kind, a0, a1, b0, b1] of opcodes(a, b)) {
      if (kind === "replace") lost += Math.min(weight(asked, a.slice(a0, a1)), weight(known, b.slice(b0, b1)))
    }
    return lost / (Math.min(weight(asked, a), weight(known, b)) || 1)
  }

  // Python's difflib.SequenceMatcher: the longest stretch that both share, then the longest on either side of it.
  function opcodes(a, b) {
    const places = new Map()
    b.forEach((item, j) => { places.has(item) ? places.get(item).push(j) : places.set(item, [j]) })
    const longest = (a0, a1, b0, b1) => {
      let [besti, bestj, most] = [a0, b0, 0]
      let before = new Map()
      for (let i = a0; i < a1; i++) {
        const now = new Map()
        for (const j of places.get(a[i]) || []) {
          if (j < b0) continue
          if (j >= b1) break
          const length = (before.get(j - 1) || 0) + 1
          now.set(j, length)
          if (length > most) [besti, bestj, most] = [i - length + 1, j - length + 1, length]
        }
        before = now
      }
      return [besti, bestj, most]
    }
    const waiting = [[0, a.length, 0, b.length]], blocks = []
    while (waiting.length) {
      const [a0, a1, b0, b1] = waiting.pop()
      const [i, j, length] = longest(a0, a1, b0, b1)
      if (!length) continue
      blocks.push([i, j, length])
      if (a0 < i && b0 < j) waiting.push([a0, i, b0, j])
      if (i + length < a1 && j + length < b1) waiting.push([i + length, a1, j + length, b1])
    }
    blocks.sort((x, y) => x[0] - y[0] || x[1] - y[1])
    const found = []
    let [i, j] = [0, 0]
    for (const [ai, bj, length] of [...blocks, [a.length, b.length, 0]]) {
      const kind = i < ai && j < bj ? "replace" : i < ai ? "delete" : j < bj ? "insert" : ""
      if (kind) found.push([kind, i, ai, j, bj])
      if (length) {
        const before = found.at(-1)
        if (before && before[0] === "equal" && before[2] === ai && before[4] === bj) [before[2], before[4]] = [ai + length, bj + length]
        else found.push(["equal", ai, ai + length, bj, bj + length])
      }
      [i, j] = [ai + length, bj + length]
    }
    return found
  }

  // Words that are neither a system's own sentence nor of those that say only that something failed.
  function specificWords(line) {
    if (line.specific) return line.specific
    const { plain } = line, found = line.specific = new Set()
    for (let at = 0; at < plain.length;) {
      const said = (rules.starts.get(plain[at]) || []).find(words => isEqual(plain.slice(at, at + words.length), words))
      const word = plain[at]
      if (!said && !rules.sets.generic.has(word) && word[0] !== "§" && [...word].length > 1) found.add(word)
      at += said ? said.length : 1
    }
    return found
  }

  const isGeneric = line => !specificWords(line).size

  // Whether two lines are alike but for a word that says the contrary: accepted and failed, found and not found.
  function areOpposite(asked, known) {
    const here = new Set(asked.plain.filter(word => !known.plain.includes(word))), there = new Set(known.plain.filter(word => !asked.plain.includes(word)))
    if ([...here].some(one => [...there].some(other => rules.sets.opposites.has(`${one} ${other}`)))) return true
    const denies = words => [...words].some(word => rules.sets.negations.has(word))
    return denies(here) !== denies(there) && here.size + there.size <= 2
  }

  const meet = (one, other) => [...one].some(item => other.has(item))

  function verdict(evidence, asked, known) {
    if (isFrame(asked.line)) return "frame"
    if (rules.boilerplate.test(asked.signature) || sign.isAdvice(asked.line)) return "boilerplate"
    if (evidence.odds < 0) return "unlikely"
    if (!isEqual(asked.plain, known.plain)) {
      if (areOpposite(asked, known)) return "opposite"
      if (isCutOff(asked, known)) return "cut off"
      if (!meet(specificWords(asked), specificWords(known)) && !evidence.sameCause && !meet(signsOf(asked, "§"), signsOf(known, "§"))) return "anybody"
      return evidence.otherProgram ? "other program" : "other words"
    }
    if (evidence.otherProgram) return "other program"
    if (isGeneric(asked) && !meet(signsOf(asked, "@"), signsOf(known, "@"))) return "generic"
    if (asked.plain.length < rules.judging.fewest || Math.min(evidence.ofQuery, evidence.ofKnown) < rules.judging.values) return "few words"
    const states = line => [...signsOf(line, "~")].filter(token => rules.sets.states.has(token)).sort()
    if (!isEqual(states(asked), states(known))) return "contrary"
    const names = line => [...line.signature.matchAll(rules.named)].map(([, name]) => name)
    if (!isEqual(names(asked), names(known))) return "another name"
    return "same"
  }

  // Whether a line ends, perhaps amid a word, where the known one goes on and says why: another cause may have stood there.
  function isCutOff(asked, known) {
    const { plain } = asked, here = plain.length - 1
    if (here < 1 || known.plain.length <= here || !isEqual(plain.slice(0, here), known.plain.slice(0, here)) || !known.plain[here].startsWith(plain[here])) return false
    const codes = signsOf(asked, "§"), knownCodes = signsOf(known, "§"), holds = (all, some) => [...some].every(one => all.has(one))
    return !meet(codes, knownCodes) && !(holds(causesOf(asked), causesOf(known)) && holds(codes, knownCodes))
  }

  // Whether two lines begin alike, and then say one thing and another.
  function goesOtherwise({ evidence, asked, known }) {
    const { alike } = rules.judging
    return evidence.replaced > 0 && !isFrame(asked.line) && asked.plain.length > alike && isEqual(asked.plain.slice(0, alike), known.plain.slice(0, alike))
  }

  const RANK = { same: 0, likely: 1, weak: 2 }

  const frames = new Map()
  function isFrame(line) {
    let found = frames.get(line)
    if (found === undefined) {
      if (frames.size > 20000) frames.clear()
      frames.set(line, found = sign.isFrame(line) || sign.isFrame(sign.strippedLeft(sign.unwrap(line).text)))
    }
    return found
  }

  const byRank = (one, other) => one.rank - other.rank || other.score + other.cover - one.score - one.cover

  function judged(pair, verdict) {
    const [strength, why] = rules.verdicts[verdict]
    return { ...pair, verdict, strength, why, rank: RANK[strength] + Number(rules.sets.everywhere.has(verdict)) }
  }

  function pairOf(document, asked, known) {
    const evidence = compare(asked, known)
    return judged({ document, asked, known, evidence, score: evidence.score, cover: 0, line: asked.line, knownLine: known.line }, verdict(evidence, asked, known))
  }

  // A note's row in the shards of lines: has it a fix, when was it, whose fix is to be tried (or -1), and its lines.
  function knownLines(row) {
    if (!row.lines) {
      let error = 0
      row.lines = []
      for (const item of row.slice(3)) {
        if (typeof item === "number") error = item // of which known error the next lines are
        else row.lines.push(typeof item === "string" ? [item, sign.signature(item), error] : [...item, error])
      }
    }
    return row.lines
  }

  const weighedKnown = row => knownLines(row).map(([line, signature, error]) => ({ ...weighed(line, signature), error }))

  // How many errors hold the line of a signature, the returns of an error counted with it.
  function sharing(signature) {
    const mark = sign.mark(signature)
    if (!mark || frequency(`#${mark}`) < 2) return 1
    return Math.max(1, new Set(postings(`#${mark}`).map(document => families.has(document) ? families.get(document) : document)).size)
  }

  const isTelling = line => sign.troubleOf(line.line) >= rules.telling.least
  const says = line => !isFrame(line.line) && !rules.boilerplate.test(line.signature)

  function sizeOf(line) {
    let size = line.total / sharing(line.signature)
    if (!isTelling(line)) size *= rules.whole.little
    return line.line.endsWith(":") || sumsUp(line) || sign.saysNothing(line.line, 0) ? size * rules.whole.little : size
  }

  const sumsUp = line => isGeneric(line) || (sign.pointsBack(line.line) && !causesOf(line).size)
  const saysWhat = line => isTelling(line) && !sumsUp(line) && sharing(line.signature) < rules.whole.wraps

  // The best pair of a note, made less sure where the lines around it say otherwise; each known error is weighed for itself.
  function sureOfAll(places, question, pairs, row) {
    const known = weighedKnown(row), told = known.some(isTelling), errors = new Map()
    for (const pair of pairs) errors.has(pair.known.error) ? errors.get(pair.known.error).push(pair) : errors.set(pair.known.error, [pair])
    const surest = [...errors].map(([error, found]) => sureOfError(places, question, known.filter(line => line.error === error), found, told))
    return surest.reduce((a, b) => byRank(b, a) < 0 ? b : a)
  }

  function sureOfError(places, question, known, pairs, told) {
    const { met: degrees, all, nearlyAll, enough, wordForWord } = rules.whole
    const together = joined(known.map(line => line.signature))
    const sizes = new Map(known.filter(line => says(line) && !together.has(line.signature)).map(line => [line.signature, sizeOf(line)]))
    const claimed = pairs.filter(pair => pair.strength !== "weak"), size = pair => sizes.get(pair.known.signature) || 0
    if (!claimed.length) return pairs.reduce((a, b) => byRank(b, a) < 0 ? b : a)
    const core = new Set(known.filter(line => sizes.has(line.signature) && saysWhat(line)).map(line => line.signature))
    // What says what went wrong decides how sure it is, and is shown.
    const beside = pair => Number(!core.has(pair.known.signature)), quiet = pair => Number(!isTelling(pair.known))
    const first = (a, b) => beside(b) - beside(a) || quiet(b) - quiet(a) || RANK[b.strength] - RANK[a.strength] || size(a) - size(b) || byRank(b, a)
    const best = ofAnother(claimed, core) || claimed.reduce((a, b) => first(a, b) < 0 ? b : a)
    const met = new Map()
    for (const pair of claimed) {
      const degree = wordForWord.includes(pair.verdict) ? 1 : degrees[pair.strength]
      for (const signature of together.get(pair.known.signature) || [pair.known.signature]) met.set(signature, Math.max(degree, met.get(signature) || 0))
    }
    const sum = values => values.reduce((one, other) => one + other, 0)
    const ofKnown = sum([...met].map(([signature, degree]) => (sizes.get(signature) || 0) * degree)) / (sum([...sizes.values()]) || 1)
    const explained = claimed.map(pair => pair.asked.signature), ofAsked = question.share(explained)
    const explains = question.withPieces(explained)
    const doubts = [doubtOf(places, pairs, known), saysOtherwise(pairs, claimed, core)]
    doubts.push(ofKnown < enough && ofAsked < nearlyAll ? "little" : ofKnown < nearlyAll && best.strength === "same" ? "partial" : "")
    const fits = pair => isEqual(pair.asked.plain, pair.known.plain) || isTelling(pair.asked) || question.count <= rules.whole.few
    if (told && !claimed.some(pair => isTelling(pair.known) && fits(pair))) doubts.push("ordinary")
    if (core.size && !meet(core, met)) doubts.push("beside")
    if (!core.size && told && claimed.every(pair => sumsUp(pair.known))) doubts.push("sums up")
    if (isLostInTheCrowd(best, question)) doubts.push("crowd")
    if (question.isBackground(best.asked.signature, new Set(explained))) doubts.push("background")
    const cover = Math.min(1, ofKnown) + ofAsked
    if (!doubts.some(doubt => doubt) && wordForWord.includes(best.verdict) && met.size > 1 && ofKnown > all) return { ...judged(best, "together"), cover, explains }
    const level = doubt => doubt ? RANK[rules.verdicts[doubt][0]] : -1
    const doubt = doubts.reduce((a, b) => level(b) > level(a) ? b : a)
    if (level(doubt) <= RANK[best.strength]) return { ...best, cover, explains }
    return { ...judged(best, doubt), explains, cover: rules.verdicts[doubt][0] === "weak" ? 0 : cover }
  }

  // The pair that says in the same words what went wrong, of another port, column or state: no line beside it makes that the same.
  function ofAnother(claimed, core) {
    const exact = new Set(claimed.filter(pair => pair.strength === "same").map(pair => pair.known.signature))
    const others = claimed.filter(pair => rules.whole.ofAnother.includes(pair.verdict) && core.has(pair.known.signature) && !exact.has(pair.known.signature))
    return others.length ? others.reduce((a, b) => byRank(b, a) < 0 ? b : a) : null
  }

  // A doubt where a line that says what went wrong is not there, and one that begins like it says something else.
  function saysOtherwise(pairs, claimed, core) {
    const met = new Set(claimed.map(pair => pair.known.signature)), explained = new Set(claimed.map(pair => pair.asked.signature))
    const left = pairs.filter(pair => core.has(pair.known.signature) && !met.has(pair.known.signature) && !explained.has(pair.asked.signature))
    return left.some(goesOtherwise) ? "another line beside" : ""
  }

  function isLostInTheCrowd(pair, question) {
    if (pair.strength !== "likely" || isEqual(pair.asked.plain, pair.known.plain)) return false
    const crowd = question.asTellingAs(sign.troubleOf(pair.line))
    return crowd > rules.whole.crowd && pair.evidence.odds < rules.whole.crowded * Math.log(crowd)
  }

  function doubtOf(places, pairs, known) {
    const sure = pairs.filter(pair => pair.strength !== "weak"), met = new Set(sure.map(pair => pair.knownLine))
    if (sure.every(pair => rules.anyProgram.test(pair.known.plain.join(" ")))) {
      const there = placesIn(known)
      if (!places.size || !there.size) return "no place"
      if (![...there].some(place => places.has(place))) return "another place"
    }
    const contrary = pairs.filter(pair => !met.has(pair.knownLine) && contradicts(pair))
    return contrary.length ? contrary.some(pair => pair.evidence.otherCause) ? "contradicted" : "another code beside" : ""
  }

  // The names in the frames of one's own code.
  function placesIn(lines) {
    const frames = lines.filter(line => line.plain.length && line.plain[0] !== "goroutine" && isFrame(line.line) && !sign.isOfLibrary(line.line))
    return new Set(frames.map(line => line.plain.filter(word => !rules.inAnyFrame.includes(word)).join(" ")).filter(names => names))
  }

  function contradicts({ evidence, asked, known }) {
    return (evidence.otherCode || evidence.otherCause) && !isFrame(asked.line) && isEqual(asked.plain.slice(0, 2), known.plain.slice(0, 2))
  }

  // ---- asking ------------------------------------------------------------------------------------------------------------

  async function found(text, limit, turn, progress) {
    weighedLines = new Map()
    const [lines, question] = await different(text, turn, progress)
    const width = lines.length < 5 ? rules.limits.candidates : rules.limits.ofMany
    const asked = lines.map(([line, signature]) => weighed(line, signature)).filter(line => line.total)
    const near = []
    for (const line of asked) {
      near.push(candidates(line, width))
      if (turn.isDue()) await turn.take()
    }
    const rows = await rowsOf("lines", new Set(near.flat()))
    const pairs = new Map() // of each document
    for (const [i, line] of asked.entries()) {
      for (const document of near[i]) {
        let here = null
        for (const [knownLine, signature, error] of knownLines(rows.get(document))) {
          const pair = pairOf(document, line, { ...weighed(knownLine, signature), error })
          if (!here || byRank(pair, here) < 0) here = pair
        }
        if (here) pairs.has(document) ? pairs.get(document).push(here) : pairs.set(document, [here])
        if (turn.isDue()) await turn.take()
      }
    }
    const places = placesIn(asked)
    const surest = [...pairs].map(([document, found]) => sureOfAll(places, question, found, rows.get(document)))
      .sort((a, b) => byRank(a, b) || a.document - b.document).slice(0, 3 * limit)
    const order = pair => {
      const [hasFix, moment] = rows.get(pair.document)
      return [pair.rank, -Number((pair.score + pair.cover).toFixed(2)), 1 - hasFix, -moment, pair.document]
    }
    const orders = new Map(surest.map(pair => [pair, order(pair)]))
    surest.sort((a, b) => {
      const [one, other] = [orders.get(a), orders.get(b)]
      const place = one.findIndex((value, i) => value !== other[i])
      return place < 0 ? 0 : one[place] - other[place]
    })
    // Of an error that came back the note whose fix is to be tried stands where the surest of them stood.
    const placed = new Map()
    for (const pair of surest) {
      if (placed.has(pair.document)) continue
      const proven = rows.get(pair.document)[2]
      for (const document of [proven, pair.document]) if (document >= 0 && !placed.has(document)) placed.set(document, pair)
    }
    const answers = [...placed].slice(0, limit)
    return [answers, unknownIn(text, question, new Set(answers.flatMap(([, pair]) => pair.strength === "weak" ? [] : pair.explains)))]
  }

  // The lines that say something went wrong and that no claim explains, as kb/whole_log.py finds them.
  function unknownIn(text, question, explained) {
    const { all, trouble, background, putTogether } = question, rows = []
    let lines = null
    for (const [signature, { line, last, places }] of all) {
      if (explained.has(signature) || putTogether.has(signature) || trouble.get(signature) < rules.telling.least) continue
      if (sign.isFrame(sign.strippedLeft(line)) || sign.isAdvice(line)) continue
      lines = lines || [...sign.linesOf(sign.withoutAnsi(text))]
      const [firstAt, first] = written(lines, line, 1), [lastAt, end] = written(lines, last, -1)
      const row = { line: first, last: end, count: places.length, firstAt, lastAt, trouble: trouble.get(signature), background: background.has(signature) }
      const sumsUp = !specificWords({ plain: plainOf(signature) }).size
      rows.push([[Number(row.background), Number(sumsUp), -row.trouble, row.count, row.firstAt], row])
    }
    rows.sort(([one], [other]) => one[one.findIndex((value, i) => value !== other[i])] - other[one.findIndex((value, i) => value !== other[i])] || 0)
    return rows.map(([, row]) => row)
  }

  // The number and the text of the line in which a log says this: a record holds its message in quotes, with other escapes.
  function written(lines, said, step) {
    const plain = (said.match(/[^"'\\]+/g) || [said]).reduce((a, b) => b.length > a.length ? b : a)
    for (let i = step > 0 ? 0 : lines.length - 1; i >= 0 && i < lines.length; i += step) {
      if (lines[i].includes(said) || lines[i].includes(plain)) return [i + 1, sign.strippedRight(lines[i])]
    }
    return [0, said]
  }

  function isLogLikeNow(text) {
    let lines = 0
    for (const line of sign.linesOf(text)) if (!sign.isBlank(line) && ++lines > 1) return true
    const whole = /^[\x00-\x7f]*$/.test(text) ? 0 : 1
    const signs = rules.signs.filter(sign => sign[whole].test(text)).length
    return sign.unwrap(text.trim()).stamped || signs >= 2 || (signs === 1 && sign.words(text).length > 5)
  }

  async function seen(text, { limit = 10, cancelled = () => false, progress = () => {} } = {}) {
    try {
      return await fresh(async () => {
        const turn = turns(cancelled)
        const { lines, read } = await folded(text, turn)
        const [pairs, unknown] = await found(read, limit, turn, progress)
        const notes = await rowsOf("notes", new Set(pairs.map(([document]) => document)))
        const answers = pairs.map(([document, { strength, why, score, line, knownLine }]) => {
          const [title, page, date, services, kind, fix, cause, check, deadEnds, history] = notes.get(document)
          return { strength, why, score: Math.min(1, score), line, knownLine, title, page, date, services, kind, fix, cause, check, deadEnds, history }
        })
        return { known: head.known, lines, logLike: isLogLikeNow(read), answers, unknown }
      })
    } catch (error) {
      if (error instanceof Cancelled) return null
      throw error
    }
  }

  return { seen, seenData: data, isLogLike: text => fresh(async () => isLogLikeNow(text)), ready: () => fresh(async () => head), kept: text => fresh(async () => (await folded(text, turns(() => false))).read), opcodes }
})())
