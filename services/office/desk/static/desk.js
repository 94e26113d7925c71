// Pages work without this. With it, what is marked "data-refresh" is shown anew as soon as something has happened.
const address = document.body.dataset.live;
if (address && document.querySelector("[data-refresh]")) {
  let again = 0;
  new EventSource(address).onmessage = () => { clearTimeout(again); again = setTimeout(refresh, 300); };
}
// What takes a while is looked at again until it has ended.
setInterval(() => { if (document.querySelector("[data-busy]")) refresh(); }, 2000);
async function refresh() {
  if (document.activeElement.closest("[data-refresh] form")) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const now = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-refresh]")) {
    const newer = now.getElementById(part.id);
    if (newer && newer.innerHTML !== part.innerHTML) part.innerHTML = newer.innerHTML;
    if (newer && !newer.hasAttribute("data-busy")) part.removeAttribute("data-busy");
  }
}
