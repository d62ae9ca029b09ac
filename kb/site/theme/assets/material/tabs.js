// Of Material for MkDocs 9.8 (MIT, © Martin Donath), there in the page itself: here a file, so that no inline script has to run.
var target=document.getElementById(location.hash.slice(1));target&&target.name&&(target.checked=target.name.startsWith("__tabbed_"))
