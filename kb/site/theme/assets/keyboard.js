// What Material leaves to the mouse: its labels that open the drawer and the search are buttons for the keyboard too, and
// what scrolls sideways can be scrolled with the arrows. Without this script, tabs and links lead everywhere all the same.
"use strict"

{
  // A label can't be a button itself, but hold one.
  const button = (label, toggle, name) => {
    const pressed = document.createElement("span")
    pressed.append(...label.childNodes)
    label.append(pressed)
    pressed.tabIndex = 0
    pressed.setAttribute("role", "button")
    pressed.setAttribute("aria-label", name)
    const told = () => pressed.setAttribute("aria-expanded", String(toggle.checked))
    toggle.addEventListener("change", told)
    told()
    pressed.addEventListener("keydown", event => {
      if (event.key !== "Enter" && event.key !== " ") return
      event.preventDefault()
      label.click()
    })
    return pressed
  }

  // The drawer takes the focus, keeps it, and gives it back.
  const drawer = (label, toggle, panel) => {
    // Only what is shown: Material shuts the table of contents inside the drawer behind a box of its own.
    const stops = () => [...panel.querySelectorAll("a[href], [tabindex='0']")].filter(found => found.checkVisibility({ visibilityProperty: true }))
    const settle = () => panel.toggleAttribute("inert", !toggle.checked && getComputedStyle(panel).position === "fixed")
    toggle.addEventListener("change", () => {
      settle()
      if (toggle.checked) requestAnimationFrame(() => stops()[0]?.focus({ preventScroll: true }))
      else if (!document.activeElement || document.activeElement === document.body || panel.contains(document.activeElement)) label.focus()
    })
    const close = () => {
      toggle.checked = false
      toggle.dispatchEvent(new Event("change"))
      label.focus()
    }
    document.addEventListener("keydown", event => {
      if (!toggle.checked) return
      if (event.key === "Escape") close()
      if (event.key !== "Tab") return
      const [all, at] = [stops(), stops().indexOf(document.activeElement)]
      const next = event.shiftKey ? (at <= 0 ? all.at(-1) : null) : at < 0 || at === all.length - 1 ? all[0] : null
      if (!next) return
      event.preventDefault()
      next.focus()
    })
    addEventListener("resize", settle)
    settle()
  }

  const scrollers = () => {
    for (const found of document.querySelectorAll(".kb-graph, .kb-matrix, .kb-map-of-notes, .md-typeset__scrollwrap, .md-typeset pre > code")) {
      const wider = found.scrollWidth > found.clientWidth + 1
      if (wider) found.tabIndex = 0
      else if (!found.matches("code")) found.removeAttribute("tabindex")
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    const [open, search] = ["drawer", "search"].map(name => document.querySelector(`[data-md-toggle="${name}"]`))
    const [menu, find] = ["__drawer", "__search"].map(id => document.querySelector(`.md-header__button[for="${id}"]`))
    const panel = document.querySelector(".md-sidebar--primary")
    if (menu && open && panel) drawer(button(menu, open, "Navigation"), open, panel)
    if (find && search) button(find, search, "Search")
    scrollers()
    // It hides itself while one moves on, and the focus would be lost with it; the keyboard has a key of its own for that.
    const top = document.querySelector(".md-top")
    if (top) top.tabIndex = -1
    // Each copy button is put into a landmark without a name, one for every block of code, when the block comes into sight.
    const article = document.querySelector("article")
    const plain = () => article.querySelectorAll("nav.md-code__nav:not([role])").forEach(nav => nav.setAttribute("role", "none"))
    if (article) plain()
    if (article) new MutationObserver(plain).observe(article, { childList: true, subtree: true })
  })
  addEventListener("load", scrollers)
  addEventListener("resize", scrollers)
}
