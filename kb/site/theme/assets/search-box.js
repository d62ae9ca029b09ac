// The box of the search: what is typed or pasted goes to search.js, what it finds becomes a list. Text of notes is only ever text.
"use strict"

document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector(".kb-search")
  const toggle = document.getElementById("__search")
  if (!box || !toggle || typeof kbSearch === "undefined") return
  const form = box.querySelector("form"), input = box.querySelector("input")
  const list = box.querySelector("[role=listbox]"), status = box.querySelector("[role=status]"), help = box.querySelector(".kb-search__help")
  const scroll = box.querySelector(".kb-search__results")
  const root = new URL("..", kbSearch.assets)
  const AT_ONCE = 10, MOST = 50
  const PATIENCE = 120 // milliseconds that results wait for the known error
  let asked = 0 // the number of the question: an answer that comes too late is dropped
  const NOTHING = { found: [], pages: [], stems: new Map(), own: new Set(), concepts: [], hints: [], remarks: [] }
  let found = NOTHING
  let rows = [] // what is found, in the order in which it is shown: [document, score, how much of the question it has]
  let settledText = "" // what the shown results are for
  let shownResults = 0
  let chosen = -1
  let settled = true // whether what is shown answers what stands in the box
  let steps = 0 // arrows pressed before the answer was there

  // ---- opening and closing ----------------------------------------------------------------------------------------------

  // A click, since Material listens for it to keep the page behind from scrolling.
  function switched(on) {
    if (toggle.checked !== on) toggle.click()
  }

  function open() {
    switched(true)
    if (document.activeElement !== input) input.focus()
  }

  function close() {
    switched(false)
    input.blur()
    choose(-1)
    input.setAttribute("aria-expanded", "false")
  }

  toggle.addEventListener("change", () => {
    scroll.tabIndex = toggle.checked ? 0 : -1 // so that long results can be scrolled by keys too
    if (toggle.checked) input.focus()
  })
  input.addEventListener("focus", () => {
    switched(true)
    if (settled && !list.childElementCount) ask()
    else input.setAttribute("aria-expanded", String(list.childElementCount > 0))
  })
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault()
      open()
      input.select()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]")
    if (["/", "s", "f"].includes(event.key) && !typing) {
      event.preventDefault()
      open()
      input.select()
    } else if (event.key === "Escape" && toggle.checked) {
      event.preventDefault()
      close()
    }
  })
  // Whoever leaves with Tab leaves the list too. On a phone the list is the whole page, and stays until it is closed.
  box.addEventListener("focusout", event => {
    if (event.relatedTarget && !box.contains(event.relatedTarget)) {
      switched(false)
      input.setAttribute("aria-expanded", "false")
    }
  })

  // ---- asking -----------------------------------------------------------------------------------------------------------

  let pasted = false
  input.addEventListener("paste", event => {
    const text = event.clipboardData ? event.clipboardData.getData("text/plain") : ""
    pasted = true
    if (!/[\r\n]/.test(text.trim())) return
    // A line of text can't hold several lines; joined without a sign they would be one.
    event.preventDefault()
    input.setRangeText(text.trim().replace(/\s*[\r\n]+\s*/g, " \u23ce "), input.selectionStart, input.selectionEnd, "end")
    ask()
  })
  input.addEventListener("input", () => ask())
  form.addEventListener("reset", () => setTimeout(() => { ask(); input.focus() }))
  form.addEventListener("submit", event => { event.preventDefault(); go() })

  async function ask() {
    const number = ++asked
    const text = input.value
    const typing = !pasted
    pasted = false
    settled = false
    list.setAttribute("aria-busy", "true")
    try {
      const answer = text.trim() ? await kbSearch.find(text, { typing, claims: false }) : null
      const order = answer ? inOrder(answer) : (await latest()).map(document => [document, 1, 1])
      const sure = answer && answer.logLike ? kbSearch.known(text, () => number !== asked).then(claims => claims.slice(0, 2)) : []
      const documents = await kbSearch.show(order.slice(0, AT_ONCE).map(row => row[0]))
      const claims = await Promise.race([sure, new Promise(done => setTimeout(done, PATIENCE, []))])
      if (number !== asked) return
      found = answer || NOTHING
      rows = order
      list.replaceChildren(...documents.map(result))
      shownResults = documents.length
      put(claims)
      chosen = -1
      input.removeAttribute("aria-activedescendant")
      say(answer, documents.length, text)
      remember(text)
      scroll.scrollTop = 0
      // What is known for sure comes first, unless somebody is on the way to another result by then.
      if (!claims.length) Promise.resolve(sure).then(late => { if (number === asked && chosen < 0) put(late) })
    } catch (error) {
      if (number !== asked) return
      list.replaceChildren()
      tell(status, "The search could not read its files.")
      help.replaceChildren(paragraph("Reload the page; if that does not help, build the site again."))
    }
    settled = true
    input.setAttribute("aria-expanded", String(toggle.checked && list.childElementCount > 0))
    list.setAttribute("aria-busy", "false")
    if (steps > 0) choose(Math.min(steps, list.childElementCount) - 1)
    steps = 0
  }

  // A list of the site that was named in full comes first, one that has all words last.
  function inOrder({ found, pages }) {
    const [exact, others] = [true, false].map(whole => pages.filter(row => row[1] === whole).map(([document]) => [document, 1, 1]))
    return [...exact, ...found, ...others]
  }

  // What is worth seeing before anything is typed: the newest notes.
  async function latest() {
    const { count, pages } = await kbSearch.ready()
    return Array.from({ length: Math.min(5, count - pages) }, (_, i) => count - 1 - i)
  }

  function say(answer, shown, text) {
    help.replaceChildren()
    settledText = text
    if (!answer) {
      tell(status, shown ? "Latest" : "")
      help.append(paragraph("Type words, or paste an error as it is. Narrow down with ", ["code", "service:jellyfin"], ", ", ["code", "kind:decision"], ", ", ["code", "tag:dns"], ", ", ["code", "host:nas"], " or ", ["code", "status:open"], "."))
      return
    }
    const count = rows.length
    const whole = answer.logLike ? count : rows.filter(row => row[2] > 0.999).length
    const some = whole && whole < count ? `, ${whole} with all words` : count && !whole ? ", none with all words" : ""
    const hints = answer.hints.map(([typed, meant]) => `no note says “${typed}”` + (meant ? `, so this is for “${meant}”` : "")).join("; ")
    tell(status, (count ? `${count} result${count === 1 ? "" : "s"}${some}` : "Nothing found") + (hints && count ? ": " + hints : ""))
    for (const remark of answer.remarks) help.append(paragraph(remark + "."))
    if (answer.logLike) kbSearch.ready().then(({ paste }) => {
      if (!paste || settledText !== text) return
      const link = element("a", "", "look at it on the page for errors")
      link.href = address(paste.replace(/\.md$/, ""), "") + `#q=${encodeURIComponent(inLines(text.slice(0, 4000)).replace(/[\ud800-\udfff]/gu, "\ufffd"))}`
      const row = paragraph("Line beside line, and why: ")
      row.append(link, ".")
      help.append(row)
    })
    if (count) return
    help.append(paragraph(answer.keys.length ? "No note fits both the words and the filter. Take the filter away, or try fewer words." : "No note has any of these words. Try fewer or other words."))
    help.append(paragraph("On the command line: ", ["code", `kb search ${quoted(text)}`]))
  }

  const quoted = text => `'${text.trim().slice(0, 60).replaceAll("'", "'\\''")}'`

  function tell(element, text) {
    if (element.textContent !== text) element.textContent = text
  }

  function paragraph(...parts) {
    const made = document.createElement("p")
    for (const part of parts) made.append(typeof part === "string" ? part : element(part[0], "", part[1]))
    return made
  }

  // ---- the list -----------------------------------------------------------------------------------------------------------

  function element(tag, css, text = "") {
    const made = document.createElement(tag)
    if (css) made.className = css
    made.textContent = text
    return made
  }

  function marked(tag, css, text) {
    const made = element(tag, css)
    for (const [part, hit] of kbSearch.marked(text, found.stems, found.own)) made.append(hit ? element("mark", hit === "related" ? "kb-search__related" : "", part) : part)
    return made
  }

  function address(path, anchor) {
    const directories = form.dataset.kbDirectories === "yes"
    const parts = path.replace(/(^|\/)readme$/i, "$1index").split("/").map(encodeURIComponent)
    const page = parts.join("/")
    const file = directories ? (/(^|\/)index$/.test(page) ? page.replace(/index$/, "") : `${page}/`) : `${page}.html`
    return new URL(file + (anchor ? `#${encodeURIComponent(anchor)}` : ""), root).href
  }

  function option(href) {
    const made = element("a", "kb-search__item")
    made.href = href
    made.setAttribute("role", "option")
    made.setAttribute("aria-selected", "false")
    made.tabIndex = -1
    return made
  }

  function result(shown, i) {
    const part = kbSearch.excerpt(shown, found.stems)
    const made = option(address(shown.path, part.score ? part.anchor : ""))
    made.id = `kb-search-${i}`
    const top = element("span", "kb-search__top")
    top.append(element("span", "kb-search__kind", shown.kind))
    if (shown.state) top.append(element("span", "kb-state" + (kbSearch.states.has(shown.state) ? ` kb-state--${shown.state}` : ""), shown.state))
    const about = [shown.services, shown.date].filter(text => text).join(" · ")
    if (about) top.append(element("span", "kb-search__about", about))
    made.append(top, marked("span", "kb-search__title", shown.title))
    if (part.text) excerpt(made, part.score ? part.heading : "", part.name === "error" ? "kb-search__error" : "", part.text)
    const fix = part.name === "fix" ? null : shown.pieces.find(piece => piece[3] === "fix")
    if (fix) excerpt(made, fix[1], "", short(fix[2]))
    const reason = rows[i] ? why(rows[i], shown) : ""
    if (reason) made.append(element("span", "kb-search__why", reason))
    return made
  }

  function excerpt(made, where, css, text) {
    const row = element("span", "kb-search__excerpt")
    if (where) row.append(element("span", "kb-search__where", where))
    row.append(marked("span", css, text))
    made.append(row)
  }

  function short(text) {
    const line = text.replace(/\s+/g, " ").trim()
    return line.length > 180 ? `${line.slice(0, 180)} …` : line
  }

  // Which words of the question a note has in other words, and which it lacks: nothing when it has all as they were typed.
  function why([document], shown) {
    const { related, lacking } = kbSearch.met(document, found.concepts, shown)
    const words = new Map()
    for (const [typed, word] of related) words.set(word, [...(words.get(word) || []), `“${typed}”`])
    const meant = [...words].map(([word, typed]) => `${word ? `“${word}”` : "another word"} for ${typed.join(" and ")}`)
    return [meant.length ? `has ${meant.join(", ")}` : "", lacking.length ? `without ${lacking.map(word => `“${word}”`).join(", ")}` : ""].filter(text => text).join("; ")
  }

  // ---- the known error ----------------------------------------------------------------------------------------------------

  const inLines = text => text.replace(/\s*\u23ce\s*/g, "\n")

  function put(claims) {
    for (const answer of [...claims].reverse()) {
      const made = claim(answer)
      for (const other of [...list.children]) if (other.href.split("#")[0] === made.href) other.remove()
      list.prepend(made)
    }
    ;[...list.children].forEach((made, i) => { made.id = `kb-search-${i}` })
  }

  function claim(answer) {
    const made = option(address(answer.page, ""))
    const same = answer.strength === "same"
    const top = element("span", "kb-search__top")
    top.append(element("span", "kb-search__kind", answer.kind), element("span", `kb-search__claim kb-search__claim--${same ? "same" : "likely"}`, same ? "same error" : "likely the same error"))
    const about = [[].concat(answer.services || []).join(", "), answer.date].filter(text => text).join(" · ")
    if (about) top.append(element("span", "kb-search__about", about))
    made.append(top, element("span", "kb-search__title", answer.title))
    for (const [where, css, text] of [["Known", "kb-search__error", answer.knownLine], ["Fix", "", answer.fix]]) {
      if (text) excerpt(made, where, css, short(text))
    }
    return made
  }

  // ---- the address --------------------------------------------------------------------------------------------------------

  // A search is part of the address, so that it can be kept, sent, and found again by going back: behind the #, which no
  // server is told of. The page for errors has a use of its own for `#q=`.
  const KEY = document.querySelector("#kb-paste") ? "search" : "q"
  const ours = () => location.hash.startsWith(`#${KEY}=`)

  function remember(text) {
    const said = text.trim().slice(0, 2000).replace(/[\ud800-\udfff]/gu, "\ufffd")
    const hash = said ? `#${KEY}=${encodeURIComponent(said)}` : ""
    if (hash === location.hash || !(hash || ours())) return
    try {
      history.replaceState(history.state, "", hash || location.pathname + location.search)
    } catch (error) {
      // A browser that lets no script change the address keeps the search for as long as the page is open.
    }
  }

  function askedFor() {
    const given = ours() ? location.hash.slice(KEY.length + 2) : ""
    try {
      return decodeURIComponent(given.replaceAll("+", " ")) || new URLSearchParams(location.search).get("q") || ""
    } catch (error) {
      return given
    }
  }

  function recall() {
    const text = askedFor().trim()
    if (!text) return
    input.value = text
    pasted = true // nothing of it is being typed
    ask().then(open)
  }

  addEventListener("hashchange", () => { if (ours()) recall() })

  let growing = false
  async function grow() {
    const from = shownResults, number = asked
    if (growing || !settled || !input.value.trim() || from >= Math.min(rows.length, MOST)) return
    growing = true
    try {
      const documents = await kbSearch.show(rows.slice(from, from + AT_ONCE).map(row => row[0]))
      if (number === asked) {
        list.append(...documents.map((shown, i) => result(shown, from + i)))
        shownResults += documents.length
      }
    } catch (error) {
      // The results that are there stay.
    }
    growing = false
  }
  scroll.addEventListener("scroll", () => { if (scroll.scrollTop + scroll.clientHeight > scroll.scrollHeight - 300) grow() })

  // ---- choosing -----------------------------------------------------------------------------------------------------------

  function choose(place) {
    const before = list.children[chosen], now = list.children[place]
    if (before) before.setAttribute("aria-selected", "false")
    chosen = now ? place : -1
    if (now) {
      now.setAttribute("aria-selected", "true")
      now.scrollIntoView({ block: "nearest" })
      input.setAttribute("aria-activedescendant", now.id)
    } else {
      input.removeAttribute("aria-activedescendant")
    }
    if (place >= list.childElementCount - 3) grow()
  }

  input.addEventListener("keydown", event => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return
    const last = list.childElementCount - 1
    if (!settled && (event.key === "ArrowDown" || event.key === "ArrowUp")) steps += event.key === "ArrowDown" ? 1 : -1
    else if (event.key === "ArrowDown") choose(chosen < last ? chosen + 1 : 0)
    else if (event.key === "ArrowUp") choose(chosen > 0 ? chosen - 1 : last)
    else if (event.key === "Home" && chosen >= 0) choose(0)
    else if (event.key === "End" && chosen >= 0) choose(last)
    else return
    event.preventDefault()
  })

  // Enter means the chosen result, or the first; pressed before the answer is there, it waits for it.
  async function go() {
    for (let wait = 0; !settled && wait < 100; wait++) await new Promise(done => setTimeout(done, 20))
    const target = list.children[Math.max(0, chosen)]
    if (target && (input.value.trim() || chosen >= 0)) target.click()
  }

  list.addEventListener("click", event => {
    // A result on this very page only moves to its place.
    if (event.target instanceof Element && event.target.closest("a") && !event.ctrlKey && !event.metaKey && !event.shiftKey) close()
  })

  recall()
})
