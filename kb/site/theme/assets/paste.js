// The page "Paste an error": what is typed, pasted or dropped goes to seen.js, and what that answers is shown. The text of notes
// and logs is only ever text. Nothing is sent anywhere; `paste.html#q=…` fills the box (what stands behind # never leaves either).
"use strict"

{
  const place = document.getElementById("kb-paste")
  const root = new URL("..", document.currentScript.src)
  const SHOWN_CHARACTERS = 200000 // more of them make a box of text slow: its end is shown, all of it is read
  const MOST_READ = 32e6 // bytes of a file: its end
  const WORDS = { same: "The same error", likely: "Likely the same", weak: "Weak: perhaps related" }
  const AT_ONCE = 3 // of those that are no claim
  const MOST_UNKNOWN = 5 // lines that no note knows

  // ---- elements --------------------------------------------------------------------------------------------------------

  function element(tag, css = "", ...children) {
    const made = document.createElement(tag)
    if (css) made.className = css
    made.append(...children)
    return made
  }

  function button(css, text, act) {
    const made = element("button", css, text)
    made.type = "button"
    made.addEventListener("click", act)
    return made
  }

  const box = element("textarea", "kb-paste__box")
  box.id = "kb-paste-box"
  box.rows = 8
  box.placeholder = "Paste the error: a line, or a whole log.\n\nTimes, addresses, ports and ids may be others than last time. A file can be dropped here too."
  for (const [name, value] of Object.entries({ spellcheck: "false", autocapitalize: "off", autocomplete: "off", autocorrect: "off", wrap: "soft" })) box.setAttribute(name, value)
  const label = element("label", "kb-paste__label", "The error, or the log")
  label.htmlFor = box.id
  const file = element("input", "kb-paste__file")
  file.type = "file"
  file.tabIndex = -1
  file.setAttribute("aria-hidden", "true")
  const status = element("p", "kb-paste__status")
  status.setAttribute("role", "status")
  const choose = button("kb-paste__button", "Choose a file", () => file.click())
  const clear = button("kb-paste__button", "Clear", () => { held = null; box.value = ""; box.focus(); ask() })
  const answers = element("div", "kb-paste__answers")
  const form = element("div", "kb-paste__form", label, box, file, element("div", "kb-paste__tools", choose, clear, status))
  place.replaceChildren(form, answers)

  // ---- what comes in ---------------------------------------------------------------------------------------------------

  let held = null // a text that is too long for the box
  let asked = 0 // the number of the question: an answer that comes too late is dropped
  let waiting = 0

  function later(milliseconds) {
    clearTimeout(waiting)
    asked++
    waiting = setTimeout(ask, milliseconds)
  }

  function take(text) {
    if (text.length <= SHOWN_CHARACTERS) {
      held = null
      box.value = text
    } else {
      held = text
      const end = text.trimEnd().slice(-SHOWN_CHARACTERS / 10).split("\n").slice(-100).join("\n")
      box.value = `… ${Math.round(text.length / 1e5) / 10} MB are read; this is the end …\n${end}`
    }
    box.scrollTop = box.scrollHeight
    later(0)
  }

  box.addEventListener("input", () => { held = null; later(180) })
  box.addEventListener("paste", event => {
    const text = event.clipboardData ? event.clipboardData.getData("text/plain") : ""
    if (text.length <= SHOWN_CHARACTERS) return // the box does it, and can undo it
    event.preventDefault()
    take(text)
  })

  async function read(given) {
    if (!given) return
    asked++
    tell(`Reading ${given.name} …`)
    const text = await given.slice(Math.max(0, given.size - MOST_READ)).text()
    const without = text.replaceAll("\0", "")
    if (without.length < text.length && isBinary(without.slice(0, 8192))) {
      answers.replaceChildren()
      tell(`${given.name} holds no text.`)
      return
    }
    take(without)
  }

  // As kb.picking.is_binary: NULs alone are what a program leaves that writes on behind the end of a file that was emptied.
  function isBinary(sample) {
    const controls = (sample.match(/[\x01-\x07\x0e-\x1a\x1c-\x1f\x7f]/g) || []).length
    return controls * 20 > sample.length || (sample.match(/\ufffd/g) || []).length * 10 > sample.length
  }
  file.addEventListener("change", () => { read(file.files[0]); file.value = "" })

  const carriesFile = event => event.dataTransfer && [...event.dataTransfer.types].includes("Files")
  document.addEventListener("dragover", event => {
    if (!carriesFile(event)) return
    event.preventDefault()
    form.classList.add("kb-paste__form--over")
  })
  for (const name of ["dragleave", "drop"]) document.addEventListener(name, () => form.classList.remove("kb-paste__form--over"))
  document.addEventListener("drop", event => {
    if (!carriesFile(event)) return
    event.preventDefault()
    read(event.dataTransfer.files[0])
  })

  // ---- asking ----------------------------------------------------------------------------------------------------------

  function tell(text) {
    if (status.textContent !== text) status.textContent = text
  }

  const count = (number, word) => `${number.toLocaleString("en").replaceAll(",", "\u202f")} ${word}${number === 1 ? "" : "s"}`

  async function ask() {
    clearTimeout(waiting)
    const number = ++asked
    const text = held === null ? box.value : held
    clear.hidden = !text
    if (!text.trim()) {
      answers.replaceChildren()
      welcome()
      return
    }
    const cancelled = () => number !== asked
    try {
      const answer = await kb.seen(text, { cancelled, progress: share => { if (!cancelled()) tell(`Reading … ${Math.round(100 * share)} %`) } })
      if (!answer || cancelled()) return
      const claimed = answer.answers.filter(found => found.strength !== "weak")
      let weak = answer.answers.filter(found => found.strength === "weak")
      // Plain words are no error: the notes that they mean, which claims nothing.
      if (!claimed.length && !answer.logLike && text.length < 500) weak = [...await meant(text), ...weak]
      if (cancelled()) return
      show(answer, claimed, weak)
    } catch (error) {
      if (cancelled()) return
      answers.replaceChildren(note("This page could not read its files", ["Reload it; if that does not help, build the site again. On the command line: ", code("kb seen")]))
      tell("")
    }
  }

  async function meant(text) {
    if (typeof kbSearch === "undefined") return []
    const { found } = await kbSearch.find(text)
    const documents = await kbSearch.show(found.slice(0, 20).map(row => row[0]))
    return documents.filter(({ kind }) => kind === "incident" || kind === "experiment").slice(0, AT_ONCE)
      .map(({ path, title, date, services, kind }) => ({ strength: "weak", score: 0.69, page: path, title, date, services, kind, fix: "" }))
  }

  // Before anything is asked: what there is to be asked.
  async function welcome() {
    const number = asked
    let known = 0
    try {
      known = (await kb.ready()).known
    } catch (error) {
      tell("The files of this page are missing: build the site again.")
      return
    }
    if (number !== asked) return
    tell(known ? `${count(known, "note")} with known errors, ready` : "")
    if (!known) {
      answers.replaceChildren(note("No error is known here yet", [
        "Write the first one down, and the next time it finds its fix: ", code("docker logs nginx 2>&1 | kb incident new"),
      ]))
    }
  }

  // ---- showing ---------------------------------------------------------------------------------------------------------

  const code = text => element("code", "", text)

  function note(title, ...paragraphs) {
    return element("section", "kb-paste__note", element("h2", "", title), ...paragraphs.map(parts => element("p", "", ...parts)))
  }

  function show(answer, claimed, weak) {
    const read = `${count(answer.lines, "line")} read, ${count(answer.known, "note")} with known errors`
    // A mere resemblance of less than this would be none.
    const near = weak.filter(found => found.score >= 0.3).slice(0, AT_ONCE)
    if (claimed.length) {
      const [best, ...others] = claimed
      tell(`${WORDS[best.strength]}. ${read}.`)
      const shown = [card(best, true)]
      if (others.length) shown.push(group("Also known", others))
      shown.push(...alsoThere(answer, "Also in this log, not known"))
      if (near.length) shown.push(group(`${WORDS.weak} (${near.length})`, near, true))
      answers.replaceChildren(...shown)
      return
    }
    if (!answer.logLike && near.length) {
      tell(`Plain words. ${read}.`)
      answers.replaceChildren(group("Notes that these words may mean", near))
      return
    }
    tell(`Not seen before. ${read}.`)
    const write = ["Once it is fixed, write it down, and the next time it is found: ", code("kb incident new"), ", or ", code("kb seen"), " on the log now and ", code('kb fixed "what I did"'), " afterwards."]
    const next = answer.known
      ? note("Not seen before", [`${count(answer.lines, "line")} read. None of the ${count(answer.known, "note")} with known errors is about this one.`], write)
      : note("No error is known here yet", write)
    answers.replaceChildren(next, ...(answer.lines > 1 ? alsoThere(answer, "What looks like an error in it") : []), ...(near.length ? [group("The closest, which claims nothing", near)] : []))
  }

  // What of the log no note knows: what is known is not all that is wrong there.
  function alsoThere({ unknown }, title) {
    if (!unknown.length) return []
    const list = element("ul", "", ...unknown.slice(0, MOST_UNKNOWN).map(({ line, count, firstAt, lastAt }) => {
      const often = count === 1 ? `once, line ${firstAt}` : `${count} times, line ${firstAt} to ${lastAt}`
      return element("li", "", code(said(line).slice(0, 300)), ` (${often})`)
    }))
    if (unknown.length > MOST_UNKNOWN) list.append(element("li", "", `${unknown.length - MOST_UNKNOWN} more`))
    return [element("section", "kb-paste__group", element("h2", "", title), list)]
  }

  function said(line) {
    for (const message of kbSignature.messages(line)) return message.text
    return line
  }

  function group(title, rows, closed = false) {
    if (!closed) return element("section", "kb-paste__group", element("h2", "", title), ...rows.map(row => card(row, false)))
    const made = element("details", "kb-paste__group", element("summary", "", title), ...rows.map(row => card(row, false)))
    return made
  }

  function card(found, whole) {
    const link = element("a", "", found.title)
    link.href = address(found.page)
    const about = [found.date, found.services].filter(text => text).join(" · ")
    const top = element("div", "kb-paste__top",
      element("span", `kb-sure kb-sure--${found.strength}`, WORDS[found.strength]), element("span", "kb-about", about))
    const made = element("article", `kb-paste__card kb-paste__card--${found.strength}`, top, element(whole ? "h2" : "h3", "", link))
    if (!whole) {
      const fix = firstLine(found.fix)
      if (fix) made.append(element("p", "kb-paste__first", ...inline(fix)))
      if (found.line) made.append(details("Compare the lines", sideBySide(found)))
      return made
    }
    const fix = element("section", "kb-section kb-section--fix", element("h3", "", "Fix"))
    fix.append(...(found.fix ? blocks(found.fix, true) : [element("p", "", "Nobody wrote down a fix yet.")]))
    if (found.fix && !fix.querySelector("button")) fix.append(button("kb-paste__copy", "Copy", event => copy(found.fix, event.currentTarget)))
    made.append(fix)
    for (const [name, text] of [["What did not work", found.deadEnds], ["Why", found.cause], ["How to check", found.check]]) {
      if (text) made.append(element("section", "kb-paste__section", element("h3", "", name), ...blocks(text, false)))
    }
    made.append(sideBySide(found), element("p", "kb-paste__why", [found.history, found.why].filter(text => text).map(sentence).join(" ")))
    return made
  }

  const sentence = text => `${text[0].toUpperCase()}${text.slice(1)}.`

  const details = (title, content) => element("details", "kb-paste__more", element("summary", "", title), content)

  const firstLine = text => (text.split("\n").find(line => line.trim() && !/^\s*(?:```|~~~)/.test(line)) || "").trim().slice(0, 160)

  function address(path) {
    const parts = path.replace(/(^|\/)readme$/i, "$1index").split("/").map(encodeURIComponent).join("/")
    const isIndex = /(^|\/)index$/.test(parts)
    const page = place.dataset.directories === "yes" ? (isIndex ? parts.replace(/index$/, "") : `${parts}/`) : `${parts}.html`
    return new URL(page, root).href
  }

  // ---- the text of a section: fences, lists and paragraphs ---------------------------------------------------------------

  function blocks(text, copyable) {
    const made = []
    let fence = "", held = [], list = null
    const paragraph = () => {
      if (held.length) made.push(element("p", "", ...inline(held.join("\n"))))
      held = []
    }
    for (const line of text.split("\n")) {
      const mark = /^\s*(`{3,}|~{3,})/.exec(line)
      const item = /^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?(.*)/.exec(line)
      if (fence) {
        if (mark && mark[1].startsWith(fence)) {
          made.push(block(held.join("\n"), copyable))
          held = []
          fence = ""
        } else {
          held.push(line)
        }
      } else if (mark) {
        paragraph()
        fence = mark[1]
        list = null
      } else if (item) {
        paragraph()
        if (!list) made.push(list = element(/^\s*\d/.test(line) ? "ol" : "ul"))
        list.append(element("li", "", ...inline(item[1])))
      } else if (line.trim()) {
        if (list && /^\s/.test(line)) {
          list.lastChild.append(" ", ...inline(line.trim()))
        } else {
          list = null
          held.push(line.trim())
        }
      } else {
        paragraph()
      }
    }
    if (fence) made.push(block(held.join("\n"), copyable))
    else paragraph()
    return made
  }

  function block(text, copyable) {
    const made = element("div", "kb-paste__code", element("pre", "", code(text)))
    if (copyable) made.append(button("kb-paste__copy", "Copy", event => copy(text, event.currentTarget)))
    return made
  }

  function* inline(text) {
    for (const part of text.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*)/)) {
      if (part.length > 2 && part[0] === "`") yield code(part.slice(1, -1))
      else if (part.length > 4 && part.startsWith("**")) yield element("strong", "", part.slice(2, -2))
      else if (part) yield part
    }
  }

  async function copy(text, pressed) {
    try {
      await navigator.clipboard.writeText(text)
    } catch (error) {
      // A page from http in one's own network has no clipboard of the new kind.
      const held = element("textarea", "kb-paste__file", text)
      document.body.append(held)
      held.select()
      document.execCommand("copy")
      held.remove()
    }
    pressed.textContent = "Copied"
    setTimeout(() => { pressed.textContent = "Copy" }, 1500)
  }

  // ---- two lines, with what differs marked ---------------------------------------------------------------------------------

  const TOKEN = /[\p{L}\p{N}_]+(?:[.:-][\p{L}\p{N}_]+)*|\s+|[^\p{L}\p{N}_\s]/gu
  const MOST_TOKENS = 400, BESIDE = 12

  function sideBySide(found) {
    const [a, b] = [found.line, found.knownLine].map(line => (said(line).split(/\s+/).join(" ").match(TOKEN) || []).slice(0, MOST_TOKENS))
    const yours = element("code"), known = element("code")
    const pieces = kb.opcodes(a, b)
    pieces.forEach(([kind, a0, a1, b0, b1], place) => {
      if (kind !== "equal") {
        if (a1 > a0) yours.append(marked(a.slice(a0, a1)))
        if (b1 > b0) known.append(marked(b.slice(b0, b1)))
        return
      }
      let text = a.slice(a0, a1)
      const before = place ? BESIDE : 2 * BESIDE, after = place < pieces.length - 1 ? BESIDE : 0
      if (text.length > before + after + 6) text = [...text.slice(0, before), " … ", ...text.slice(text.length - after)]
      yours.append(text.join(""))
      known.append(text.join(""))
    })
    const made = element("dl", "kb-paste__lines")
    for (const [name, line] of [["yours", yours], ["known", known]]) made.append(element("div", "", element("dt", "", name), element("dd", "", line)))
    return made
  }

  function marked(tokens) {
    const text = tokens.join("")
    return text.trim() ? element("mark", "", text) : text
  }

  // ---- the beginning -------------------------------------------------------------------------------------------------------

  const given = /^#q=(.+)/s.exec(location.hash)
  if (given) {
    let text = given[1]
    try {
      text = decodeURIComponent(text)
    } catch (error) {
      // As it stands, then.
    }
    take(text)
  } else if (box.value.trim()) {
    later(0) // the browser kept it from the last time
  } else {
    clear.hidden = true
    welcome()
  }
  box.focus({ preventScroll: true })
}
