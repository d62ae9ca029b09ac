// Opened from a folder, a page may not start workers, and Material's search is one: run it in a hidden frame instead.
if (location.protocol === "file:" && window.Worker) {
  window.IFrameWorker = window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.waiting = []
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      this.frame.title = "search"
      document.body.appendChild(this.frame)
      this.heard = event => {
        if (event.source !== this.frame.contentWindow) return
        const message = new MessageEvent("message", { data: event.data })
        this.dispatchEvent(message)
        if (this.onmessage) this.onmessage(message)
      }
      window.addEventListener("message", this.heard)
      const page = this.frame.contentDocument
      const frame = this.frame.contentWindow
      frame.postMessage = data => window.dispatchEvent(new MessageEvent("message", { data, source: frame }))
      frame.importScripts = (...urls) => urls.reduce((before, next) => before.then(() => new Promise((done, failed) => {
        const script = page.createElement("script")
        script.src = new URL(next, url)
        script.onload = done
        script.onerror = failed
        page.body.appendChild(script)
      })), Promise.resolve())
      const script = page.createElement("script")
      script.src = url
      script.onload = () => {
        this.ready = true
        this.waiting.splice(0).forEach(data => this.postMessage(data))
      }
      page.body.appendChild(script)
    }

    postMessage(data) {
      const frame = this.frame.contentWindow
      if (this.ready) frame.dispatchEvent(new frame.MessageEvent("message", { data }))
      else this.waiting.push(data)
    }

    terminate() {
      window.removeEventListener("message", this.heard)
      this.frame.remove()
    }
  }
}
