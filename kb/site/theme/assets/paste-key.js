// `e` leads to the page where an error can be pasted, from any page; and that page gets the scripts that only it needs.
"use strict"

{
  const assets = new URL(".", document.currentScript.src)

  document.addEventListener("keydown", event => {
    if (event.key !== "e" || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    if (event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]")) return
    const box = document.querySelector("#kb-paste textarea"), link = document.querySelector("a.kb-paste-link")
    if (!box && !link) return
    event.preventDefault()
    box ? box.focus() : link.click()
  })

  document.addEventListener("DOMContentLoaded", () => {
    if (!document.getElementById("kb-paste")) return
    for (const name of ["signature", "seen", "paste"]) {
      const script = document.createElement("script")
      script.src = new URL(`${name}.js`, assets).href
      script.async = false // one after the other
      document.head.append(script)
    }
  })
}
