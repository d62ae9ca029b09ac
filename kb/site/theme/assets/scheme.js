// The first time, before any choice is kept: the scheme that the system asks for, and at once. Material's own script says so too,
// but only when the page is there, and then it was light for a moment.
if (!palette || !palette.color) {
  const wanted = [...document.querySelectorAll("[data-md-color-media]")].find(input => matchMedia(input.dataset.mdColorMedia).matches)
  for (const name of wanted ? ["scheme", "primary", "accent"] : []) {
    const attribute = `data-md-color-${name}`
    document.body.setAttribute(attribute, wanted.getAttribute(attribute))
  }
}
