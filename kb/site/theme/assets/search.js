// Finds notes: the half of the search that has no looks. It reads what kb/site/browser/search_data.py wrote, a few small scripts
// for each question, and ranks as kb/retrieval/ranking.py does. Whatever is asked, it answers and never throws.
"use strict"

var kbSearch = (() => {
  const assets = new URL(".", document.currentScript.src)
  const loaded = new Map() // name of a script → what it gave
  const loading = new Map()
  let book = null // head.js
  let weights = {} // the numbers of kb/retrieval

  const MOST_TEXT = 20000
  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"
  const VALUE = new Uint8Array(128)
  for (let i = 0; i < 64; i++) VALUE[DIGITS.charCodeAt(i)] = i
  const { tokens, termsOf, pairsOf, nameKey, stem } = kbWords

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
    take(data)
  }

  async function ready() {
    await load("head")
    const tables = await load(book.vocabulary)
    if (tables !== ready.read) kbWords.read(tables)
    ready.read = tables
    weights = tables.weights
    return book
  }

  // Of two builds only one is there: a page that was open meanwhile asks for scripts that are gone, and reads the head anew.
  async function fresh(work) {
    try {
      await ready()
      return await work()
    } catch (error) {
      loaded.clear()
      loading.clear()
      await load("head", `?${Date.now()}`)
      await ready()
      return await work()
    }
  }

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
      const documents = [], levels = []
      let document = -1
      for (let i = 0; i < found.length;) {
        levels.push(VALUE[found.charCodeAt(i++)])
        let delta = 0, shift = 0, digit
        do {
          digit = VALUE[found.charCodeAt(i++)]
          delta |= (digit & 31) << shift
          shift += 5
        } while (digit > 31)
        document += delta
        documents.push(document)
      }
      found = { documents, levels }
      postings.set(term, found)
    }
    return found || NONE
  }
  const NONE = { documents: [], levels: [] }

  const rarity = count => Math.log(1 + (book.count - book.pages - Object.keys(book.families).length + 1) / (count + 0.5))
  const isThere = term => postingsOf(term).documents.length > 0

  // The terms that begin so, the most frequent first: what a word may become.
  async function beginning(prefix) {
    const first = shardOf(prefix), last = Math.min(shardOf(prefix + "\uffff"), first + 9)
    const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i)
    await Promise.all(numbers.map(number => load(book.terms[number])))
    const names = numbers.flatMap(number => shard(number).names.filter(name => name.startsWith(prefix) && !name.includes("+")))
    const found = names.map(name => [postingsOf(name).documents.length, name])
    return found.sort((a, b) => b[0] - a[0] || (a[1] < b[1] ? -1 : 1)).slice(0, weights.MOST_LONGER).map(([, name]) => name)
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
    if (word.length < weights.SHORTEST || word.length > weights.LONGEST || !/^\p{L}+$/u.test(word)) return []
    if (typeof loaded.get(book.spelling) !== "object") loaded.set(book.spelling, (await load(book.spelling)).split(" "))
    const most = word.length < 8 ? 1 : 2
    const found = []
    for (const [place, known] of loaded.get(book.spelling).entries()) {
      if (known[0] !== word[0] && known[0] !== word[1]) continue
      const wrong = distance(word, known, most)
      if (wrong <= most) found.push([wrong + (known[0] === word[0] ? 0 : 0.4), place, known])
    }
    found.sort((a, b) => a[0] - b[0] || a[1] - b[1])
    return found.filter(row => row[0] <= found[0][0] + 0.3).slice(0, weights.CLOSEST).map(row => row[2])
  }

  // ---- what is asked ------------------------------------------------------------------------------------------------------

  const isKind = word => book.kinds.includes(word.replace(/s$/, ""))
  const FILTERS = ["kind", "type", "service", "host", "tag", "status"]
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

  // ---- ranking: as kb/retrieval/ranking.py does it ------------------------------------------------------------------------

  // Of each document that has any of a concept's terms: a score, in which the best counts and the others a little, and how
  // surely it is met: in full by what was typed, in part by what means or is spelled nearly the same.
  function documentsOf(concept) {
    const scores = new Map(), sure = new Map()
    for (const [term, weight] of [...concept.weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
      const { documents, levels } = postingsOf(term)
      const rare = weight * rarity(documents.length) * weights.HEAVIEST / weights.LEVELS
      const others = concept.own.includes(term) ? weights.PARTS : weights.OTHERS
      for (let i = 0; i < documents.length; i++) {
        const score = rare * levels[i], before = scores.get(documents[i])
        if (before === undefined) sure.set(documents[i], weight >= weights.COMPOUND && !concept.mended ? 1 : 0.6)
        scores.set(documents[i], before === undefined ? score : Math.max(before, score) + others * Math.min(before, score))
      }
    }
    return { scores, sure }
  }

  function ranked(concepts, pairs, spread) {
    const scores = new Map(), met = new Map(), found = new Map()
    let whole = 0
    for (const concept of concepts) {
      const here = documentsOf(concept)
      const weight = concept.factor * rarity(here.scores.size)
      if (here.scores.size) whole += weight
      for (const [document, score] of here.scores) {
        scores.set(document, (scores.get(document) || 0) + concept.factor * score)
        met.set(document, (met.get(document) || 0) + weight * here.sure.get(document))
      }
    }
    for (const term of pairs) {
      const { documents, levels } = postingsOf(term)
      const rare = weights.PAIR * rarity(documents.length) * weights.HEAVIEST / weights.LEVELS
      for (let i = 0; i < documents.length; i++) {
        if (scores.has(documents[i])) scores.set(documents[i], scores.get(documents[i]) + rare * levels[i])
      }
    }
    for (const [document, score] of scores) {
      const part = met.get(document) / (whole || 1)
      found.set(document, { score: score * spread(part) * (part > 0.999 ? weights.WHOLE : 1), met: part })
    }
    return found
  }

  // How much of what was asked is there decides first among plain words; a log line is never there as a whole.
  const OF_WORDS = met => 0.3 + 0.7 * met ** 1.5
  const OF_LINES = met => 0.4 + 0.6 * met

  // Of several lines: the one that fits best tells which note it is, the others a little.
  function together(groups) {
    if (groups.length === 1) return groups[0]
    const found = new Map()
    for (const group of groups) {
      for (const [document, here] of group) {
        const before = found.get(document) || { score: 0, met: 0 }
        const score = Math.max(before.score, here.score) + weights.OTHER_LINES * Math.min(before.score, here.score)
        found.set(document, { score, met: Math.max(before.met, here.met) })
      }
    }
    return found
  }

  // Who is in trouble wants what was done about it; who asks for reasons, the decision.
  function preference(text) {
    const reasons = kbWords.asksForReasons(text)
    const [trouble, fixed, decisions] = [["=k:incident", "=k:experiment"], ["=f:"], ["=k:decision"]].map(keys => new Set(keys.flatMap(key => postingsOf(key).documents)))
    return document => {
      if (trouble.has(document)) return reasons ? weights.OTHER : fixed.has(document) ? weights.WANTED : 1
      return reasons && decisions.has(document) ? weights.WANTED : weights.OTHER
    }
  }

  // The documents that a text means, best first: {found: [[document, score, met]…], pages: lists of that name, why: what was
  // asked for, hints about spelling, …}. `claims: false` leaves out what is known for sure of a pasted error.
  async function find(text, { typing = false, claims = true } = {}) {
    return fresh(() => look(String(text).slice(0, MOST_TEXT), typing, claims))
  }

  // An incident and its returns are one result: the number of the document that is shown for a document.
  const shownFor = document => book.families[document] ?? document

  const ALWAYS = ["=k:incident", "=k:experiment", "=k:decision", "=f:"]

  async function look(text, typing, claims) {
    const { keys, rest } = narrowed(text)
    const logLike = kbWords.looksPasted(rest)
    const groups = logLike ? kbWords.linesOf(rest).map(line => [kbWords.conceptsOfLine(line), pairsOf(line).slice(0, weights.MOST_PAIRS)]) : [[kbWords.conceptsOfWords(rest), pairsOf(rest)]]
    const concepts = groups.flatMap(([row]) => row)
    const whole = nameKey(rest)
    const pageTerms = logLike ? [] : concepts.map(concept => `=p:${concept.own[0]}`)
    await need(new Set([...ALWAYS, ...keys, whole, ...pageTerms, ...concepts.flatMap(concept => [...concept.weights.keys()]), ...groups.flatMap(([, pairs]) => pairs)]))
    if (!logLike) await mend(concepts, rest, typing)
    const fits = together(groups.map(([row, pairs]) => ranked(row, pairs, logLike ? OF_LINES : OF_WORDS)))
    const allowed = documentsWith(keys)
    const preferred = preference(rest)
    const rows = new Map()
    const asked = tokens(rest).length > 0
    const named = asked ? [...new Set(postingsOf(whole).documents.map(shownFor))] : []
    let top = 0
    for (const document of new Set([...(asked ? fits.keys() : []), ...named])) {
      if (document < book.pages || (allowed && !allowed.has(document))) continue
      const { score, met } = fits.get(document) || { score: 0, met: 0 }
      rows.set(document, [document, score * preferred(document), met])
      top = Math.max(top, score * preferred(document))
    }
    // Who types just a name wants just that.
    for (const document of named) if (rows.has(document)) rows.set(document, [document, rows.get(document)[1] + (top || 1), 1])
    // Nothing but filters, or words that say nothing: all that the filters leave.
    if (allowed && !rows.size && !termsOf(rest).length) for (const document of allowed) rows.set(document, [document, 1, 1])
    let found = [...rows.values()].sort((a, b) => b[1] - a[1] || b[0] - a[0])
    const least = found.length ? (logLike ? weights.LEAST_OF_LINES : weights.LEAST_OF_WORDS) * found[0][1] : 0
    found = found.filter(row => row[1] >= least)
    if (logLike && claims) found = await withClaims(text, found)
    const stems = new Map()
    for (const concept of concepts) {
      if (concept.factor < 0.3) continue // numbers of a log line are in many lines by chance
      for (const [term, weight] of concept.weights) stems.set(term, Math.max(stems.get(term) || 0, weight * concept.factor))
    }
    const hints = logLike ? [] : concepts.filter(concept => concept.mended || ![...concept.weights.keys()].some(isThere)).map(concept => [concept.word, concept.mended])
    const own = new Set(concepts.flatMap(concept => [...concept.weights].filter(([term, weight]) => concept.own.includes(term) || weight >= weights.COMPOUND).map(([term]) => term)))
    return { found, pages: allowed || logLike ? [] : pagesOf(named, pageTerms), stems, own, hints, logLike, keys, concepts: logLike ? [] : concepts, remarks: await remarksOn(keys, text) }
  }

  // The lists of the site whose name was typed, in full first.
  function pagesOf(named, terms) {
    const exact = named.filter(document => document < book.pages)
    const all = terms.length ? terms.map(term => postingsOf(term).documents).reduce((before, here) => here.filter(document => before.includes(document))) : []
    return [...exact.map(document => [document, true]), ...all.filter(document => !exact.includes(document)).slice(0, 2).map(document => [document, false])]
  }

  // The documents that have all keys; null when there are no keys.
  function documentsWith(keys) {
    return keys.reduce((before, key) => {
      const here = postingsOf(key).documents
      return new Set(before ? here.filter(document => before.has(document)) : here)
    }, null)
  }

  // What is wrong with the filters: a value that no note has, and a name that is nearly that of a filter.
  async function remarksOn(keys, text) {
    const said = []
    for (const key of keys) {
      if (isThere(key)) continue
      const name = Object.keys(LETTER).find(one => LETTER[one] === key[1])
      const value = key.slice(3)
      const others = (await beginning(key.slice(0, 3))).map(term => term.slice(3))
      const close = others.map(other => [distance(value, other, 2), other]).filter(([wrong]) => wrong <= 2).sort((a, b) => a[0] - b[0])[0]
      said.push(`no note has ${name}:${value}` + (close ? `; there is ${name}:${close[1]}` : ""))
    }
    for (const [, name, value] of text.matchAll(/(?:^|\s)([a-z]{2,10}):("[^"\n]{1,80}"|[^\s"]{1,80})(?=\s|$)/gi)) {
      const lower = name.toLowerCase()
      if (lower === "kind" || lower === "type") {
        if (!isKind(value.replaceAll('"', "").toLowerCase())) said.push(`${name}:${value} is no kind of note (${book.kinds.join(", ")}), so it is looked for as words`)
      } else if (!FILTERS.includes(lower)) {
        const meant = FILTERS.find(one => distance(lower, one, 2) <= (lower.length > 4 ? 2 : 1))
        if (meant) said.push(`${name}: is no filter, so it is looked for as words; ${meant}:${value} narrows down`)
      }
    }
    return said
  }

  // What `kb seen` would claim for a pasted log comes first, when the site has the page that knows.
  async function withClaims(text, found) {
    const claims = await known(text)
    const shown = await Promise.all(claims.map(async claim => {
      const key = nameKey(claim.page)
      await need([key])
      const numbers = postingsOf(key).documents
      const documents = await rowsOf(numbers)
      return numbers.find((_, i) => documents[i].path === claim.page)
    }))
    const first = new Map() // the document that is shown for a claimed one → that one
    for (const number of shown) if (number !== undefined && !first.has(shownFor(number))) first.set(shownFor(number), number)
    return [...[...first.values()].map(number => [number, Infinity, 1]), ...found.filter(row => !first.has(row[0]))]
  }

  let knower = null
  async function known(text, cancelled = () => false) {
    try {
      await ready()
      if (!book.paste) return []
      if (typeof kb === "undefined" || !kb.seen) {
        if (!knower) knower = script("signature").then(() => script("seen"))
        await knower
      }
      const told = await kb.seen(text.replace(/\s*\u23ce\s*/g, "\n"), { limit: 10, cancelled })
      return told ? told.answers.filter(answer => answer.strength !== "weak") : []
    } catch (error) {
      return []
    }
  }

  function script(name) {
    return new Promise((done, failed) => {
      const made = document.createElement("script")
      made.src = new URL(`${name}.js`, assets).href
      made.onload = done
      made.onerror = failed
      document.head.append(made)
    })
  }

  // Lets what no note has count as what it begins, or as what it is misspelled from.
  async function mend(concepts, rest, typing) {
    for (const [i, concept] of concepts.entries()) {
      const there = concept.own.map(isThere)
      concept.known = there[0] || (there.length > 1 && there.slice(1).every(part => part))
      const typed = concept.word.toLowerCase()
      const last = typing && i === concepts.length - 1 && /[\p{L}\p{N}]$/u.test(rest)
      if ((concept.known || concept.translated) && !last) continue
      const letters = Array.from(typed).length
      const longer = last || letters >= weights.LEAST_PREFIX ? await beginning(typed) : []
      for (const term of longer) kbWords.also(concept, term, (concept.known ? 0.5 : weights.LONGER) * (letters / Array.from(term).length) ** 0.5)
      if (concept.known || concept.translated || longer.length) continue
      const close = await closeTo(typed)
      await need(close.map(stem))
      for (const word of close) kbWords.also(concept, stem(word), weights.CLOSE)
      if (close.length) concept.mended = close[0]
    }
  }

  // ---- what is shown --------------------------------------------------------------------------------------------------------

  // The documents of these numbers, as they are shown: title, address, kind, state, date, services, pieces of text.
  const show = numbers => fresh(() => rowsOf(numbers))

  async function rowsOf(numbers) {
    const files = await Promise.all(numbers.map(number => load(book.documents[Math.floor(number / book.size)])))
    return numbers.map((number, i) => {
      const [title, path, kind, state, date, services, pieces] = files[i][number % book.size]
      return { title, path, kind, state, date, services, pieces }
    })
  }

  // A text in pieces, [what it says, whether it was asked for: true, or "related" for another word that means it].
  function marked(text, stems, own = stems) {
    const parts = []
    let end = 0
    for (const match of text.matchAll(kbWords.WORD)) {
      const met = termsOf(match[0]).filter(term => stems.has(term))
      if (!met.length) continue
      if (match.index > end) parts.push([text.slice(end, match.index), false])
      parts.push([match[0], met.some(term => own.has(term)) || "related"])
      end = match.index + match[0].length
    }
    if (end < text.length) parts.push([text.slice(end), false])
    return parts
  }

  // Which words of a question a document has in other words, [what was typed, that word], and which it lacks.
  function met(number, concepts, document) {
    const related = [], lacking = []
    const texts = [document.title, ...document.pieces.map(piece => piece[2])]
    for (const concept of concepts) {
      const terms = [...concept.weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([term]) => term).filter(term => postingsOf(term).documents.includes(number))
      if (!terms.length && ![...concept.weights.keys()].some(isThere)) continue // said once, above all results
      if (!terms.length) lacking.push(concept.word)
      else if (!concept.own.includes(terms[0]) && (concept.mended || concept.weights.get(terms[0]) < weights.COMPOUND || concept.translated)) {
        let word = ""
        for (const text of texts) if (!word) word = (tokens(text).find(row => row[1].includes(terms[0])) || [""])[0]
        if (word.toLowerCase() !== concept.word.toLowerCase()) related.push([concept.word, word])
      }
    }
    return { related, lacking }
  }

  // The part of a document that says most of what was asked: its anchor, its heading, and a window of its text.
  function excerpt(document, stems, length = 180) {
    let best = { anchor: "", heading: "", name: "", text: document.pieces.length ? document.pieces[0][2].slice(0, length) : "", score: 0 }
    for (const [anchor, heading, text, name = ""] of document.pieces) {
      const hits = []
      for (const match of text.matchAll(kbWords.WORD)) {
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

  return {
    assets,
    get states() { return new Set(book ? book.states : []) },
    head,
    terms: take,
    documents: take,
    spelling: take,
    vocabulary: take,
    find,
    show,
    excerpt,
    marked,
    known,
    met,
    ready: () => fresh(async () => book),
    termsOf,
    pairsOf,
    nameKey,
  }
})()
