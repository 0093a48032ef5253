// The message box: it grows with the text, sends on Enter, and offers to stop while a run is under way.
export class Composer {
  constructor({ onSend, onStop }) {
    this.form = document.getElementById("composer");
    this.box = document.getElementById("message");
    this.send = document.getElementById("send");
    this.stop = document.getElementById("stop");
    this.busy = false;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit(onSend);
    });
    this.stop.addEventListener("click", onStop);
    this.box.addEventListener("input", () => this.refresh());
    this.box.addEventListener("keydown", (event) => {
      // While an input method composes a character, Enter belongs to it.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.submit(onSend);
    });
    this.refresh();
  }

  submit(onSend) {
    const text = this.box.value.trim();
    if (text === "" || this.busy) return;
    this.box.value = "";
    this.refresh();
    onSend(text);
  }

  /** Puts back a message that was not sent, unless the reader has begun another. */
  restore(text) {
    if (this.box.value.trim() === "") this.box.value = text;
    this.refresh();
  }

  setBusy(busy) {
    const stopHadFocus = document.activeElement === this.stop;
    this.busy = busy;
    this.stop.hidden = !busy;
    this.send.hidden = busy;
    this.stop.disabled = false;
    this.refresh();
    if (stopHadFocus && !busy) this.focus();
  }

  refresh() {
    this.send.disabled = this.busy || this.box.value.trim() === "";
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight, 200)}px`;
  }

  focus() {
    this.box.focus({ preventScroll: true });
  }
}
