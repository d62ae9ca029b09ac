// The words of a question and of a text: the tokenizer of kb/retrieval/terms.py and what kb/retrieval/concepts.py and pasted.py make
// of a question, by the same rules and from the same tables (kb/site/browser/search_data.py writes them). tests/site/test_search.py asks both.
"use strict"

var kbWords = (() => {
  let book = null // the tables
  let stopwords = new Set()
  let single = new Map() // stem → stems that mean the same
  let several = new Map() // stems in a row → stems that mean the same
  let called = new Map() // stems in a row → the programs that people call so
  let languages = []
  let common = new Set()
  let pattern = {}

  const LONGEST_WORD = 60

  function read(tables) {
    book = tables
    stopwords = new Set(tables.stopwords.split(" "))
    common = new Set(tables.common.split(" "))
    single = new Map()
    several = new Map()
    for (const row of tables.synonyms) {
      const members = row.split(" ")
      const meant = members.filter(word => !word.includes("+")).map(stem)
      for (const member of members) {
        const many = member.includes("+")
        const [table, key] = many ? [several, member.split("+").map(stem).join(" ")] : [single, stem(member)]
        if (!table.has(key)) table.set(key, new Set())
        for (const word of meant) if (many || word !== key) table.get(key).add(word)
      }
    }
    called = new Map()
    for (const row of tables.catalogue) {
      const [programs, words] = row.split(":").map(part => part.split(" "))
      for (const word of words) {
        const key = word.split("+").map(stem).join(" ")
        called.set(key, [...new Set([...(called.get(key) || []), ...programs.map(program => stem(program.replaceAll("-", "")))])])
      }
    }
    languages = tables.languages.map(language)
    const { volatile, place, code, trouble, signs, digits, reasons } = tables.patterns
    pattern = {
      volatile: new RegExp(volatile, "gi"), place: new RegExp(place, "gi"), code: new RegExp(code, "g"), trouble: new RegExp(trouble, "i"),
      signs: signs.map(sign => new RegExp(sign)), digits: new RegExp(digits), reasons: new RegExp(reasons, "i"),
    }
  }

  // ---- terms ----------------------------------------------------------------------------------------------------------

  const WORD = /[\p{L}\p{N}]+(?:['’][a-z]{1,2}(?![\p{L}\p{N}_])|(?:[-_.][\p{L}\p{N}]+)+)?/gu
  const CJK = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u{20000}-\u{3134f}]/u
  const RUNS = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u{20000}-\u{3134f}]+|[^\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\u{20000}-\u{3134f}]+/gu
  const JOINT = /[-_.]/
  const CAMEL = /[a-z][A-Z]|[A-Z]{2}[a-z]{2}/
  const NUMBER = /^\p{Nd}+$/u
  const folded = text => /^[\x00-\x7f]*$/.test(text) ? text : text.normalize("NFKD").replace(/\p{Mn}/gu, "").normalize("NFC")
  const size = word => /[\ud800-\udfff]/.test(word) ? Array.from(word).length : word.length

  function stem(word) {
    word = word.replace(/['’].*/s, "")
    if (Object.hasOwn(book.irregular, word)) return book.irregular[word]
    for (const [ending, instead, least] of book.endings) {
      if (word.endsWith(ending) && size(word) - ending.length >= least) {
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

  const inWords = code => Object.hasOwn(book.codes, code) ? book.codes[code].split(" ").map(stem) : []

  function ofWord(word) {
    const parts = word.split(JOINT)
    const found = []
    if (parts.length > 1) {
      const whole = parts.join("").toLowerCase()
      if (size(whole) < LONGEST_WORD) found.push(whole)
      found.push(...inWords(whole))
    }
    for (const part of parts) {
      const lower = part.toLowerCase()
      if (!stopwords.has(lower) && size(lower) < LONGEST_WORD) found.push(stem(lower))
      if (CAMEL.test(part) && size(part) < LONGEST_WORD) {
        for (const name of part.match(/[A-Z]+(?![a-z])|[A-Z]?(?:(?![A-Z])[\p{L}\p{N}])+/gu) || []) {
          if (size(name) > 1 && !stopwords.has(name.toLowerCase())) found.push(stem(name.toLowerCase()))
        }
      }
      found.push(...inWords(lower))
    }
    return [...new Set(found)]
  }

  function ofRun(run) {
    if (!CJK.test(run)) return (run.match(WORD) || []).map(word => [word, ofWord(word)])
    const signs = Array.from(run)
    if (signs.length === 1) return [[run, [run]]]
    return signs.slice(1).map((sign, i) => [signs[i] + sign, [signs[i] + sign]])
  }

  function tokensOf(word) {
    if (CJK.test(word)) return word.match(RUNS).flatMap(ofRun)
    const parts = word.split(JOINT)
    if (parts.length > 1 && parts.every(part => NUMBER.test(part))) return parts.map(part => [part, ofWord(part)])
    return [[word, ofWord(word)]]
  }

  // The words of a text as they were typed, each with its terms: the whole first, then its parts.
  const tokens = text => (folded(text).match(WORD) || []).flatMap(tokensOf)
  const termsOf = text => tokens(text).flatMap(([, terms]) => terms)

  function hashed(text) {
    let number = 7
    for (const char of text) number = (Math.imul(number, 31) + char.codePointAt(0)) >>> 0
    return number
  }

  const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"

  function inDigits(number) {
    let digits = ""
    do {
      digits += DIGITS[number & 63]
      number >>>= 6
    } while (number)
    return digits
  }

  function pairsOf(text) {
    const row = tokens(text).filter(([word, terms]) => terms.length && !/[0-9]/.test(word)).map(([, terms]) => terms[0])
    return row.slice(1).map((second, i) => `${row[i]}+${inDigits(hashed(second) % 46656)}`)
  }

  const nameKey = text => `=n:${inDigits(hashed(stem((folded(text).match(WORD) || []).join("").replace(/[-_.]/g, "").toLowerCase())))}`

  // ---- other languages ------------------------------------------------------------------------------------------------

  function language([stop, also, compounds, text]) {
    const words = new Map()
    for (const line of text.split("\n")) {
      const [english, theirs] = line.split(":").map(part => part.split(" ").filter(word => word))
      for (const word of theirs || []) {
        const key = word.split("+").map(withoutEndings).join("+")
        words.set(key, [...new Set([...(words.get(key) || []), ...english])])
      }
    }
    return { stop: new Set(stop.split(" ")), also: new Set(also.split(" ")), compounds, words }
  }

  function withoutEndings(word) {
    for (;;) {
      const ending = book.foreignEndings.find(end => word.endsWith(end) && size(word) - end.length >= book.leastLeft)
      if (!ending) return word
      word = word.slice(0, word.length - ending.length)
    }
  }

  function meaning(one, word) {
    const short = withoutEndings(word)
    const found = one.words.get(short) || []
    if (found.length || !one.compounds || size(word) < book.leastCompound) return found
    const letters = Array.from(short)
    for (let cut = letters.length - 3; cut > 3; cut--) {
      const first = one.words.get(withoutEndings(letters.slice(0, cut).join("")))
      if (!first) continue
      const rest = letters.slice(cut).join("")
      return [...first, ...(one.words.get(withoutEndings(rest)) || one.words.get(withoutEndings(rest.replace(/^s/, ""))) || [])]
    }
    return []
  }

  function languageOf(words) {
    let best = null, most = 0
    const given = new Set(words)
    for (const one of languages) {
      let count = 0
      for (const word of given) {
        if (one.stop.has(word) || (!one.also.has(word) && meaning(one, word).length)) count++
        if (stopwords.has(word) && !one.stop.has(word) && !one.also.has(word)) count--
      }
      if (count > most) [best, most] = [one, count]
    }
    return best
  }

  // ---- what a question asks for: a word, its terms with their weights, and how much of the question it is --------------

  function concept(word, own, weights, factor = 1) {
    return { word, own, weights, factor, mended: "", known: true, translated: false }
  }

  function also(one, term, weight) {
    if (!one.weights.has(term)) one.weights.set(term, weight)
  }

  function conceptsOfWords(text) {
    const { COMPOUND, SEVERAL_PARTS, MOST_WORDS } = book.weights
    const given = tokens(text)
    const one = languageOf(given.map(([word]) => word.toLowerCase()))
    const saysNothing = word => one && (one.stop.has(word) || one.also.has(word))
    let typed = given.filter(([word, terms]) => terms.length && !saysNothing(word.toLowerCase()))
    if (!typed.length) typed = given.map(([word]) => [word, [word.toLowerCase()]]) // words that say nothing are better than none
    typed = typed.slice(0, MOST_WORDS)
    const row = typed.map(([, terms]) => terms[0])
    const found = new Map()
    const whole = given.map(([word, terms]) => ({ terms, term: terms[0] || stem(word.toLowerCase()) }))
    typed.forEach(([word, terms], i) => {
      const part = terms.length < 3 ? COMPOUND : SEVERAL_PARTS
      const made = concept(word, terms, new Map(terms.map((term, place) => [term, place ? part : 1])))
      if (one) translate(made, typed, i, one)
      withSynonyms(made, row, i)
      withPhrases(made, whole)
      if (!found.has(terms[0])) found.set(terms[0], made)
    })
    // What was typed itself counts there, not once more as a word that means another.
    for (const made of found.values()) {
      for (const term of found.keys()) if (!made.own.includes(term) && made.weights.get(term) < COMPOUND) made.weights.delete(term)
    }
    return [...found.values()]
  }

  function translate(made, typed, i, one) {
    const { TRANSLATED, SYNONYM } = book.weights
    const words = typed.map(([word]) => word.toLowerCase())
    let meant = meaning(one, words[i])
    if (!meant.length && words[i].includes("-")) meant = words[i].split("-").slice(0, 4).flatMap(part => meaning(one, part))
    meant = [...meant]
    for (let start = Math.max(0, i - 1); start <= i && start < words.length - 1; start++) {
      meant.push(...(one.words.get(words.slice(start, start + 2).map(withoutEndings).join("+")) || []))
    }
    const stems = meant.filter(word => !stopwords.has(word)).map(stem)
    for (const term of stems) also(made, term, TRANSLATED)
    for (const term of stems) for (const other of single.get(term) || []) also(made, other, SYNONYM)
    for (const other of several.get(stems.join(" ")) || []) also(made, other, SYNONYM)
    for (const key of new Set([...stems, stems.join(" ")])) withPrograms(made, key)
    made.translated = stems.length > 0
  }

  function withSynonyms(made, row, i) {
    const { COMPOUND, SYNONYM } = book.weights
    for (const own of made.own) for (const term of single.get(own) || []) also(made, term, SYNONYM)
    for (const length of [2, 3]) {
      for (let start = Math.max(0, i - length + 1); start <= i; start++) {
        const phrase = row.slice(start, start + length)
        for (const term of several.get(phrase.join(" ")) || []) also(made, term, SYNONYM)
        if (phrase.length === 2 && length === 2) also(made, phrase.join(""), COMPOUND)
      }
    }
    for (const own of made.own) withPrograms(made, own)
    for (let start = Math.max(0, i - 1); start <= i; start++) withPrograms(made, row.slice(start, start + 2).join(" "))
  }

  // What phrases mean that hold words which say nothing on their own: to log in is not about logs.
  function withPhrases(made, whole) {
    const { COMPOUND, PART_OF_PHRASE } = book.weights
    for (const length of [2, 3]) {
      for (let start = 0; start + length <= whole.length; start++) {
        const window = whole.slice(start, start + length)
        const meant = several.get(window.map(({ term }) => term).join(" "))
        if (!meant || window.every(({ terms }) => terms.length) || !window.some(({ terms }) => terms.join(" ") === made.own.join(" "))) continue
        made.weights.set(made.own[0], PART_OF_PHRASE)
        for (const term of meant) also(made, term, COMPOUND)
      }
    }
  }

  function withPrograms(made, key) {
    for (const program of called.get(key) || []) also(made, program, book.weights.CALLED)
  }

  // ---- what a pasted error asks for -----------------------------------------------------------------------------------

  const bare = text => text.replace(/^[ \t\n\r\f\v]+|[ \t\n\r\f\v]+$/g, "")

  function looksPasted(text) {
    text = bare(text)
    if (/[\n\r\u23ce]/.test(text)) return true
    let signs = pattern.signs.filter(sign => sign.test(text)).length
    if (signs && pattern.digits.test(text)) signs++
    return signs >= 2 || (signs === 1 && (text.match(/[^ \t]+/g) || []).length > 5)
  }

  function linesOf(text) {
    const lines = [...new Set(folded(text).split(/[\n\r\u23ce]+/).map(line => bare(line).slice(0, 2000)))].filter(line => line)
    const places = lines.map((line, place) => [pattern.trouble.test(line) ? 0 : 1, -place, line])
    return places.sort((a, b) => a[0] - b[0] || a[1] - b[1]).slice(0, book.weights.MOST_LINES).map(row => row[2])
  }

  function conceptsOfLine(line) {
    const found = new Map()
    for (const code of line.matchAll(pattern.code)) for (const term of termsOf(code[1] || code[2] || code[3])) found.set(term, 0.9)
    const still = line.replace(pattern.volatile, " ")
    for (const [text, weight] of [[still.replace(pattern.place, " "), 1], ...(still.match(pattern.place) || []).map(place => [place, 0.35])]) {
      for (const word of text.match(WORD) || []) {
        const heavy = /[0-9]/.test(word) ? weight * 0.25 : weight
        for (const term of termsOf(word)) found.set(term, Math.max(found.get(term) || 0, common.has(term) ? heavy / 2 : heavy))
      }
    }
    const rows = [...found].sort((a, b) => b[1] - a[1]).slice(0, book.weights.MOST_TERMS)
    return rows.map(([term, factor]) => concept(term, [term], new Map([[term, 1]]), factor))
  }

  const asksForReasons = text => pattern.reasons.test(text)

  return { read, WORD, folded, stem, tokens, termsOf, pairsOf, nameKey, conceptsOfWords, conceptsOfLine, linesOf, looksPasted, asksForReasons, also }
})()
