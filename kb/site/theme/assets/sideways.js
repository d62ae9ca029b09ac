// What is wider than the screen scrolls sideways: it fades where there is more, and shows the entry one is on.
// Without this script it can be scrolled all the same.
"use strict"

{
  const WIDE = ".md-tabs__list, .kb-ways ul, .kb-graph, .kb-heat, .kb-map-of-notes, .kb-matrix"

  const fade = box => {
    const room = box.scrollWidth - box.clientWidth
    const fromStart = Math.abs(box.scrollLeft)
    const left = getComputedStyle(box).direction === "rtl" ? room - fromStart : fromStart
    box.classList.toggle("kb-more-left", left > 2)
    box.classList.toggle("kb-more-right", room - left > 2)
  }

  const begin = () => {
    const boxes = [...document.querySelectorAll(WIDE)]
    for (const box of boxes) {
      const here = box.querySelector(".md-tabs__item--active, :scope > li > strong")
      if (here) box.scrollLeft += here.getBoundingClientRect().left - box.getBoundingClientRect().left - (box.clientWidth - here.clientWidth) / 2
      box.addEventListener("scroll", () => fade(box), { passive: true })
      fade(box)
    }
    addEventListener("resize", () => boxes.forEach(fade))
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin)
  else begin()
}
