/*
  Only in pages of sites that ask for it, and nothing depends on it: a button that copies the reference, and pages that
  may soon work again try by themselves, three times at most. All texts come from data- attributes.

  Trying again is asking for this address with GET, so nothing is ever sent twice. The answer to a form cannot be told
  from any other page by a script, and to leave it would lose the visitor's place. So a page that was reached from the
  same website, which a form is, only tries again where this script itself has asked for it before. Nor does a page
  whose browser keeps no count of the tries. Time counts only while the page is seen.
*/
(() => {
  const doc = document
  const button = (className, textContent) =>
    Object.assign(doc.createElement("button"), { type: "button", className, textContent })
  const status = () => {
    const element = doc.createElement("span")
    element.setAttribute("role", "status")
    return element
  }

  const code = doc.querySelector("[data-copy]")
  if (code && navigator.clipboard) {
    const { copy, copied } = code.dataset
    const said = status()
    const press = button("copy", copy)
    code.after(" ", press, " ", said)
    // Where the browser refuses, the reference is selected, so that it can be copied by hand.
    press.onclick = () => navigator.clipboard.writeText(code.textContent).then(() => {
      said.textContent = copied
      setTimeout(() => said.textContent = "", 4000)
    }, () => getSelection().selectAllChildren(code))
  }

  const hint = doc.querySelector("[data-retry]")
  if (!hint) return
  const { retry, going, stop, stopped } = hint.dataset
  const here = location.href.split("#")[0]
  const keep = count => sessionStorage.setItem(here, count + " " + Date.now())
  let tries
  try {
    const [count, time] = (sessionStorage.getItem(here) || "0 0").split(" ")
    tries = Date.now() - time < 6e5 ? +count : 0
    keep(tries)
  } catch { return }
  if (!tries && doc.referrer.startsWith(location.origin + "/")) return
  const said = status()
  hint.append(" ", said)
  // A status is read out when it changes, not when it appears.
  const say = text => setTimeout(() => said.textContent = text, 99)
  if (tries > 2) return say(stopped)
  const end = button("stop", stop)
  hint.append(" ", end)
  say(going)
  let left = retry * 2 ** tries * (1 + Math.random() / 2)
  const clock = setInterval(() => {
    if (doc.hidden || --left > 0) return
    clearInterval(clock)
    keep(tries + 1)
    location.replace(here)
  }, 1000)
  end.onclick = () => {
    clearInterval(clock)
    keep(3)
    end.remove()
    said.tabIndex = -1
    said.focus()
    say(stopped)
  }
})()
