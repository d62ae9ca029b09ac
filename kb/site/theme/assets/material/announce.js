// Of Material for MkDocs 9.8 (MIT, © Martin Donath), there in the page itself: here a file, so that no inline script has to run.
var el=document.querySelector("[data-md-component=announce]");if(el){var content=el.querySelector(".md-typeset");__md_hash(content.innerHTML)===__md_get("__announce")&&(el.hidden=!0)}
