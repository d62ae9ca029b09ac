// Finds notes: the half of the search that has no looks. It reads what kb/pages/search_data.py wrote, a few small scripts for
// each question, and makes terms of a question by the same rules. Whatever is asked, it answers and never throws.
"use strict"

var kbSearch = (() => {
  const assets = new URL(".", document.currentScript.src)
  const loaded = new Map() // name of a script → what it gave
  const loading = new Map()
  let book = null // head.js
  let stopwords = new Set()
  let single = new Map() // stem → stems that mean the same
  let several = new Map() // stems in a row → stems that mean the same

  const SYNONYM = 0.55, CLOSE = 0.6, COMPOUND = 0.8
  const MOST_TEXT = 20000, MOST_WORDS = 40, MOST_TERMS = 90, MOST_LINES = 8, LONGEST_WORD = 60
  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
  const VALUE = new Uint8Array(128)
  for (let i = 0; i < 64; i++) VALUE[DIGITS.charCodeAt(i)] = i

  // ---- the scripts ----------------------------------------------------------------------------------------------------

  function load(name, query = "") {
    if (!loading.has(name)) {
      loading.set(name, new Promise((done, failed) => {
        const script = document.createElement("script")
        script.src = new URL(`search/${name}.js${query}`, assets).href
        script.dataset.kbSearch = name
        script.onload = () => { script.remove(); loaded.has(name) ? done(loaded.get(name)) : failed(new Error(name)) }
        script.onerror = () => { script.remove(); loading.delete(name); failed(new Error(name)) }
        document.head.append(script)
      }))
    }
    return loading.get(name)
  }

  const take = value => { loaded.set(document.currentScript.dataset.kbSearch, value) }

  function head(data) {
    book = data
    stopwords = new Set(data.stopwords.split(" "))
    single = new Map()
    several = new Map()
    for (const row of data.synonyms) {
      const members = row.split(" ")
      const meant = members.filter(word => !word.includes("+")).map(stem)
      for (const member of members) {
        const many = member.includes("+")
        const [table, key] = many ? [several, member.split("+").map(stem).join(" ")] : [single, stem(member)]
        if (!table.has(key)) table.set(key, new Set())
        for (const word of meant) if (many || word !== key) table.get(key).add(word)
      }
    }
    take(data)
  }

  // Of two builds only one is there: a page that was open meanwhile asks for scripts that are gone, and reads the head anew.
  async function fresh(work) {
    try {
      await load("head")
      return await work()
    } catch (error) {
      loaded.clear()
      loading.clear()
      await load("head", `?${Date.now()}`)
      return await work()
    }
  }

  // ---- terms: the same in Python and JavaScript ------------------------------------------------------------------------

  const WORD = /[\p{L}\p{N}]+(?:['’][a-z]{1,2}(?![\p{L}\p{N}_])|(?:-[\p{L}\p{N}]+)+)?/gu
  const folded = text => /^[\x00-\x7f]*$/.test(text) ? text : text.normalize("NFKD").replace(/\p{Mn}/gu, "")
  const size = word => /[\ud800-\udfff]/.test(word) ? Array.from(word).length : word.length

  function stem(word) {
    word = word.replace(/['’].*/s, "")
    for (const [ending, instead] of book.endings) {
      if (word.endsWith(ending) && size(word) - ending.length >= (ending.endsWith("es") ? 2 : 3)) {
        word = word.slice(0, word.length - ending.length) + instead
        if (ending === "ing" || ending === "ed") {
          const letters = Array.from(word)
          const last = letters.at(-1)
          if (letters.length > 3 && last === letters.at(-2) && !"lsz".includes(last)) word = word.slice(0, -last.length)
        }
        break
      }
    }
    return size(word) > 4 && word.endsWith("e") ? word.slice(0, -1) : word
  }

  function ofWord(match) {
    const word = match.toLowerCase()
    const found = []
    if (word.includes("-")) {
      if (size(word) < LONGEST_WORD) found.push(word.replaceAll("-", ""))
      for (const part of word.split("-")) if (!stopwords.has(part) && size(part) < LONGEST_WORD) found.push(stem(part))
    } else if (!stopwords.has(word) && size(word) < LONGEST_WORD) {
      found.push(stem(word))
    }
    if (/[a-z][A-Z]/.test(match) && size(match) < LONGEST_WORD) {
      for (const part of match.match(/[A-Z]+(?![a-z])|[A-Z]?(?:(?![A-Z])[\p{L}\p{N}])+/gu) || []) {
        if (size(part) > 1 && !stopwords.has(part.toLowerCase())) found.push(stem(part.toLowerCase()))
      }
    }
    return found
  }

  const termsOf = text => (folded(text).match(WORD) || []).flatMap(ofWord)

  function hashed(text) {
    let number = 7
    for (const char of text) number = (Math.imul(number, 31) + char.codePointAt(0)) >>> 0
    return number
  }

  function inDigits(number) {
    let digits = ""
    do {
      digits += DIGITS[number & 63]
      number >>>= 6
    } while (number)
    return digits
  }

  const pair = (first, second) => `${first}+${inDigits(hashed(second) % 46656)}`

  function pairsOf(text) {
    const row = (folded(text).match(WORD) || []).filter(word => !/[0-9]/.test(word)).map(ofWord).filter(terms => terms.length)
    return row.slice(1).map((terms, i) => pair(row[i][0], terms[0]))
  }

  const nameKey = text => `=n:${inDigits(hashed(stem((folded(text).match(WORD) || []).join("").replaceAll("-", "").toLowerCase())))}`

  // ---- postings ---------------------------------------------------------------------------------------------------------

  function shardOf(term) {
    let low = 0, high = book.first.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (book.first[middle] <= term) low = middle
      else high = middle - 1
    }
    return low
  }

  // A shard as its terms in their order, and the postings of each.
  function shard(number) {
    const name = book.terms[number]
    const text = loaded.get(name)
    if (typeof text !== "string") return text
    const names = [], postings = new Map()
    let before = ""
    for (const line of text ? text.split("\n") : []) {
      const tab = line.indexOf("\t")
      before = before.slice(0, VALUE[line.charCodeAt(0)]) + line.slice(1, tab)
      names.push(before)
      postings.set(before, line.slice(tab + 1))
    }
    const made = { names, postings }
    loaded.set(name, made)
    return made
  }

  const need = terms => Promise.all([...new Set([...terms].map(shardOf))].map(number => load(book.terms[number])))

  // The documents that hold a term, and its weight in each; empty when there are none. Its shard is loaded.
  function postingsOf(term) {
    const { postings } = shard(shardOf(term))
    let found = postings.get(term)
    if (typeof found === "string") {
      const documents = [], weights = []
      let document = -1
      for (let i = 0; i < found.length;) {
        weights.push(VALUE[found.charCodeAt(i++)] * book.heaviest / 63)
        let delta = 0, shift = 0, digit
        do {
          digit = VALUE[found.charCodeAt(i++)]
          delta |= (digit & 31) << shift
          shift += 5
        } while (digit > 31)
        document += delta
        documents.push(document)
      }
      found = { documents, weights }
      postings.set(term, found)
    }
    return found || NONE
  }
  const NONE = { documents: [], weights: [] }

  const rarity = count => Math.log(1 + (book.count + 1) / (count + 0.5))

  const frequency = found => typeof found === "string" ? found.length / 3 : found.documents.length

  // The terms that begin so, the most frequent first: what a word may become that is being typed.
  async function beginning(prefix) {
    const first = shardOf(prefix), last = Math.min(shardOf(prefix + "\uffff"), first + 5)
    const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i)
    await Promise.all(numbers.map(number => load(book.terms[number])))
    const found = numbers.flatMap(number => {
      const { names, postings } = shard(number)
      return names.filter(name => name.startsWith(prefix) && !name.includes("+")).map(name => [name, frequency(postings.get(name))])
    })
    return found.sort((a, b) => b[1] - a[1]).slice(0, 24).map(([name]) => name)
  }

  // ---- what is misspelled -----------------------------------------------------------------------------------------------

  // How many letters are wrong, missing, too many or exchanged with their neighbour; more than `most` is as good as all.
  function distance(one, other, most) {
    if (Math.abs(one.length - other.length) > most) return most + 1
    let before = [], row = Array.from({ length: other.length + 1 }, (_, i) => i)
    for (let i = 1; i <= one.length; i++) {
      const next = [i]
      let least = i
      for (let k = 1; k <= other.length; k++) {
        const same = one[i - 1] === other[k - 1]
        next[k] = Math.min(row[k] + 1, next[k - 1] + 1, row[k - 1] + (same ? 0 : 1))
        if (i > 1 && k > 1 && one[i - 1] === other[k - 2] && one[i - 2] === other[k - 1]) next[k] = Math.min(next[k], before[k - 2] + 1)
        least = Math.min(least, next[k])
      }
      if (least > most) return most + 1
      before = row
      row = next
    }
    return row[other.length]
  }

  async function closeTo(word) {
    // A short word has too many neighbours: "play" is no misspelled "place".
    if (word.length < 5 || word.length > 48 || /[0-9]/.test(word)) return []
    if (typeof loaded.get(book.spelling) !== "object") loaded.set(book.spelling, (await load(book.spelling)).split(" "))
    const most = word.length < 8 ? 1 : 2
    const found = []
    for (const [place, known] of loaded.get(book.spelling).entries()) {
      const wrong = distance(word, known, most)
      if (wrong <= most) found.push([wrong + (known[0] === word[0] ? 0 : 0.4), place, known])
    }
    found.sort((a, b) => a[0] - b[0] || a[1] - b[1])
    return found.filter(row => row[0] <= found[0][0] + 0.3).slice(0, 2).map(row => row[2])
  }

  // ---- what is asked ------------------------------------------------------------------------------------------------------

  const isKind = word => book.kinds.includes(word.replace(/s$/, ""))
  const PREFIX = /(?:^|(?<=\s))(kind|type|service|host|tag|status):("[^"\n]{1,80}"|[^\s"]{1,80})(?=\s|$)/gi
  const LETTER = { kind: "k", service: "s", host: "h", tag: "t", status: "x" }

  // The keys that narrow down, and the rest of the text. Anything else that has a colon is text; nothing can fail.
  function narrowed(text) {
    const keys = []
    const rest = text.replace(PREFIX, (all, name, value) => {
      name = name.toLowerCase() === "type" ? "kind" : name.toLowerCase()
      value = value.replaceAll('"', "").toLowerCase()
      if (name === "kind" && !isKind(value)) return all
      keys.push(`=${LETTER[name]}:${(name === "kind" ? value.replace(/s$/, "") : value).split(/\s+/).join(" ").trim()}`)
      return " "
    })
    return { keys, rest }
  }

  const SIGNS = [/[[\](){}<>]/, /\w=\S/, /\d{2}/, /[a-z][A-Z]/, /\w: \w/, /[\\/]\w+[\\/]/, /[a-z]_[a-z]/, /::|\w\.\w+\.\w/]

  function isLogLike(text) {
    if (text.trim().includes("\n")) return true
    const signs = SIGNS.filter(sign => sign.test(text)).length
    return signs >= 2 || (signs === 1 && text.trim().split(/\s+/).length > 5)
  }

  // What changes from one time to the next says nothing; what names a place says a little.
  const VOLATILE = new RegExp([
    /\x1b\[[0-9;]*[A-Za-z]/, /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/, /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/,
    /\b\d{4}[-/.]\d\d[-/.]\d\d(?:[T_ ]\d\d[:.]\d\d[:.]\d\d(?:[.,:]\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\b/,
    /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)?,? ?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}\d{1,2}(?: \d{4})? \d\d:\d\d:\d\d(?: \d{4})?/,
    /\b\d\d[/.](?:\d\d|[A-Z][a-z][a-z])[/.]\d{4}(?:[: ]\d\d:\d\d:\d\d)?/, /\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b/,
    /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/, /\b0x[0-9a-f]{9,}\b/, /\b(?=[a-f]*\d)[0-9a-f]{12,}\b/,
  ].map(rule => rule.source).join("|"), "gi")
  const PLACE = /[a-z][a-z0-9+.-]{1,14}:\/\/[^\s"'<>]+|(?<![\w/])~?(?:\/[\w.@%+~:-]+)+\/?|\b[\w-]+(?:\.[\w-]+)+\b|=[^\s"',;]+|"[^"\s]*"|'[^'\s]*'|`[^`\s]*`/gi
  const CODE = /\b(?:status|code|errno|exit|signal|http|error|rc)\b\D{0,3}(\d{1,5})\b|\((-?\d{1,5}):|\b([A-Z]{2,8}-\d{2,6})\b/g
  const COMMON = new Set("error fail failur warn info exception unabl cannot could due dur server client server user".split(" "))

  // The words of a log line, each with how much it tells.
  function wordsOfLine(line) {
    const found = new Map()
    const put = (text, weight) => {
      for (const word of folded(text).match(WORD) || []) {
        const heavy = /[0-9]/.test(word) ? weight * 0.25 : weight
        for (const term of ofWord(word)) found.set(term, Math.max(found.get(term) || 0, COMMON.has(term) ? heavy / 2 : heavy))
      }
    }
    for (const code of line.matchAll(CODE)) for (const term of termsOf(code[1] || code[2] || code[3])) found.set(term, 0.9)
    const still = line.replace(VOLATILE, " ")
    put(still.replace(PLACE, " "), 1)
    for (const place of still.match(PLACE) || []) put(place, 0.35)
    return found
  }

  const TROUBLE = /\b(?:error|err|fail|failed|failure|fatal|exception|panic|critical|crit|emerg|refused|denied|timed? ?out|unable|cannot|can't|not found|no such|invalid|killed|abort)/i

  function linesOf(text) {
    const lines = [...new Set(text.split(/[\n\r\u23ce]+/).map(line => line.trim().slice(0, 2000)).filter(line => line))]
    const marked = lines.map((line, place) => [TROUBLE.test(line) ? 0 : 1, -place, line])
    return marked.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, MOST_LINES).map(row => row[2])
  }

  // One thing that is asked for: a word, what else it may be called, and how much of the question it is.
  function conceptsOfWords(text) {
    let typed = (folded(text).match(WORD) || []).map(word => ({ word, terms: ofWord(word) }))
    if (typed.some(row => row.terms.length)) typed = typed.filter(row => row.terms.length)
    else typed = typed.map(({ word }) => ({ word, terms: [word.toLowerCase()] })) // words that say nothing are better than none
    typed = typed.slice(0, MOST_WORDS)
    const found = new Map()
    typed.forEach(({ word, terms }, i) => {
      const stems = new Map([[terms[0], 1], ...terms.slice(1).map(term => [term, COMPOUND])])
      const also = (term, weight) => { if (!stems.has(term)) stems.set(term, weight) }
      for (const term of terms) for (const meant of single.get(term) || []) also(meant, SYNONYM)
      for (const length of [2, 3]) {
        for (let start = Math.max(0, i - length + 1); start <= i; start++) {
          const row = typed.slice(start, start + length).map(other => other.terms[0])
          for (const meant of several.get(row.join(" ")) || []) also(meant, SYNONYM)
          if (row.length === 2 && length === 2) also(row.join(""), COMPOUND)
        }
      }
      if (!found.has(terms[0])) found.set(terms[0], { word, own: terms, stems, factor: 1 })
    })
    return [...found.values()]
  }

  function conceptsOfLine(line) {
    const words = [...wordsOfLine(line)].sort((a, b) => b[1] - a[1]).slice(0, MOST_TERMS)
    return words.map(([term, factor]) => ({ word: term, own: [term], stems: new Map([[term, 1]]), factor }))
  }

  // ---- ranking ------------------------------------------------------------------------------------------------------------

  // Of each document that holds any of a concept's stems: a score, in which the best counts and the others a little, and how
  // surely it is met: in full by what was typed, in part by what means or is spelled nearly the same.
  function documentsOf(concept) {
    const scores = new Map(), sure = new Map()
    for (const [term, weight] of [...concept.stems].sort((a, b) => b[1] - a[1])) {
      const { documents, weights } = postingsOf(term)
      const rare = weight * rarity(documents.length)
      for (let i = 0; i < documents.length; i++) {
        const score = rare * weights[i], before = scores.get(documents[i])
        scores.set(documents[i], before === undefined ? score : Math.max(before, score) + 0.05 * Math.min(before, score))
        if (before === undefined) sure.set(documents[i], concept.mended ? 1 : weight < COMPOUND ? 0.6 : 1)
      }
    }
    return { scores, sure }
  }

  function ranked(concepts, pairs, spread) {
    const scores = new Map(), met = new Map()
    let whole = 0
    for (const concept of concepts) {
      const found = documentsOf(concept)
      const weight = concept.factor * rarity(found.scores.size)
      if (found.scores.size) whole += weight
      for (const [document, score] of found.scores) {
        scores.set(document, (scores.get(document) || 0) + concept.factor * score)
        met.set(document, (met.get(document) || 0) + weight * found.sure.get(document))
      }
    }
    for (const term of pairs) {
      const { documents, weights } = postingsOf(term)
      const rare = 0.5 * rarity(documents.length)
      for (let i = 0; i < documents.length; i++) {
        if (scores.has(documents[i])) scores.set(documents[i], scores.get(documents[i]) + rare * weights[i])
      }
    }
    for (const [document, score] of scores) {
      const part = met.get(document) / (whole || 1)
      scores.set(document, score * spread(part) * (part > 0.999 ? 2 : 1))
    }
    return scores
  }

  // How much of what was asked is there decides first among plain words; a log line is never there as a whole.
  const OF_WORDS = met => 0.3 + 0.7 * met ** 1.5
  const OF_LINES = met => 0.4 + 0.6 * met

  // The documents that a text means, best first: {found: [[document, score]…], stems to mark, hints about spelling}.
  async function find(text, { typing = false } = {}) {
    return fresh(() => look(String(text).slice(0, MOST_TEXT), typing))
  }

  async function look(text, typing) {
    const { keys, rest } = narrowed(text)
    const logLike = isLogLike(rest)
    const groups = logLike ? linesOf(rest).map(line => [conceptsOfLine(line), pairsOf(line).slice(0, 60)]) : [[conceptsOfWords(rest), pairsOf(rest)]]
    const concepts = groups.flatMap(([row]) => row)
    const whole = nameKey(rest)
    await need(new Set([...keys, whole, ...concepts.flatMap(concept => [...concept.stems.keys()]), ...groups.flatMap(([, pairs]) => pairs)]))
    const hints = logLike ? [] : await mend(concepts, rest, typing)
    const scores = new Map()
    for (const [row, pairs] of groups) {
      for (const [document, score] of ranked(row, pairs, logLike ? OF_LINES : OF_WORDS)) {
        // The line that fits best tells which note it is, the others a little.
        const before = scores.get(document) || 0
        scores.set(document, Math.max(before, score) + 0.25 * Math.min(before, score))
      }
    }
    const allowed = documentsWith(keys)
    if (allowed) for (const document of [...scores.keys()]) if (!allowed.has(document)) scores.delete(document)
    const top = [...scores.values()].reduce((one, other) => Math.max(one, other), 0)
    for (const document of postingsOf(whole).documents) {
      if (rest.trim() && (!allowed || allowed.has(document))) scores.set(document, (scores.get(document) || 0) + (top || 1))
    }
    // Nothing but filters, or words that say nothing: all that the filters leave.
    if (allowed && !scores.size && !termsOf(rest).length) for (const document of allowed) scores.set(document, 1)
    const found = [...scores].filter(([, score]) => score >= (logLike ? 0.1 : 0.02) * top)
    found.sort((a, b) => b[1] - a[1] || b[0] - a[0])
    const stems = new Map()
    for (const concept of concepts) {
      if (concept.factor < 0.3) continue // numbers of a log line are in many lines by chance
      for (const [term, weight] of concept.stems) stems.set(term, Math.max(stems.get(term) || 0, weight * concept.factor))
    }
    return { found, stems, hints, logLike, keys }
  }

  // The documents that have all keys; null when there are no keys.
  function documentsWith(keys) {
    return keys.reduce((before, key) => {
      const here = postingsOf(key).documents
      return new Set(before ? here.filter(document => before.has(document)) : here)
    }, null)
  }

  // What a word may become that is being typed, and what one may mean that stands nowhere.
  async function mend(concepts, rest, typing) {
    const hints = []
    for (const [i, concept] of concepts.entries()) {
      const [whole, ...parts] = concept.own.map(term => postingsOf(term).documents.length > 0)
      const known = whole || (parts.length > 0 && parts.every(part => part))
      const typed = folded(concept.word).toLowerCase()
      const last = typing && i === concepts.length - 1 && /[\p{L}\p{N}]$/u.test(rest)
      if (last || !known) {
        for (const term of await beginning(typed)) {
          if (!concept.stems.has(term)) concept.stems.set(term, (known ? 0.5 : 0.9) * Math.sqrt(typed.length / term.length))
        }
      }
      if (known || [...concept.stems.keys()].some(term => shard(shardOf(term)) && postingsOf(term).documents.length && term.startsWith(typed))) continue
      const close = await closeTo(concept.own[0])
      await need(close)
      for (const term of close) concept.stems.set(term, CLOSE)
      concept.mended = close.length > 0
      const found = [...concept.stems.keys()].some(term => postingsOf(term).documents.length)
      if (close.length || !(found || stopwords.has(concept.own[0]))) hints.push([concept.word, close[0] || ""])
    }
    return hints
  }

  // ---- what is shown --------------------------------------------------------------------------------------------------------

  // The documents of these numbers, as they are shown: title, address, kind, state, date, services, pieces of text.
  async function show(numbers) {
    return fresh(async () => {
      const files = await Promise.all(numbers.map(number => load(book.documents[Math.floor(number / book.size)])))
      return numbers.map((number, i) => {
        const [title, path, kind, state, date, services, pieces] = files[i][number % book.size]
        return { title, path, kind, state, date, services, pieces }
      })
    })
  }

  // A text in pieces, [what it says, whether it was asked for].
  function marked(text, stems) {
    const parts = []
    let end = 0
    for (const match of text.matchAll(WORD)) {
      if (!termsOf(match[0]).some(term => stems.has(term))) continue
      if (match.index > end) parts.push([text.slice(end, match.index), false])
      parts.push([match[0], true])
      end = match.index + match[0].length
    }
    if (end < text.length) parts.push([text.slice(end), false])
    return parts
  }

  // The part of a document that says most of what was asked: its anchor, its heading, and a window of its text.
  function excerpt(document, stems, length = 180) {
    let best = { anchor: "", heading: "", name: "", text: document.pieces.length ? document.pieces[0][2].slice(0, length) : "", score: 0 }
    for (const [anchor, heading, text, name = ""] of document.pieces) {
      const hits = []
      for (const match of text.matchAll(WORD)) {
        const weight = Math.max(0, ...termsOf(match[0]).map(term => stems.get(term) || 0))
        if (weight) hits.push([match.index, weight, match[0].toLowerCase()])
      }
      for (let i = 0; i < hits.length; i++) {
        const words = new Map()
        for (let k = i; k < hits.length && hits[k][0] < hits[i][0] + length - 20; k++) words.set(hits[k][2], hits[k][1])
        const score = [...words.values()].reduce((sum, weight) => sum + weight, 0)
        if (score > best.score + 0.001) {
          let start = hits[i][0] < length / 2 ? 0 : hits[i][0] - 20
          while (start > 0 && !/\s/.test(text[start - 1])) start--
          const cut = text.slice(start, start + length).trim()
          best = { anchor, heading, name, text: (start ? "… " : "") + cut + (start + length < text.length ? " …" : ""), score }
        }
      }
    }
    return best
  }

  const ready = () => fresh(async () => book)

  return {
    assets,
    get states() { return new Set(book ? book.states : []) },
    head,
    terms: take,
    documents: take,
    spelling: take,
    find,
    show,
    excerpt,
    marked,
    ready,
    termsOf,
    pairsOf,
    nameKey,
  }
})()
