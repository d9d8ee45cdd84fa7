"use strict";
(() => {
  const sources = JSON.parse(document.getElementById("sources").textContent);
  const tip = document.createElement("div");
  tip.id = "source";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  const show = (event) => {
    const number = event.target.closest("data");
    if (!number) return;
    const [method, n] = sources[number.value] || ["", ""];
    tip.replaceChildren();
    const address = document.createElement("b");
    address.textContent = number.value;
    tip.append(address, [method, n && `n = ${n}`].filter(Boolean).join(" · "));
    tip.hidden = false;
    const box = number.getBoundingClientRect();
    const left = Math.min(box.left, innerWidth - tip.offsetWidth - 8);
    const above = box.top - tip.offsetHeight - 6;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${above > 4 ? above : box.bottom + 6}px`;
    number.setAttribute("aria-describedby", "source");
  };
  const hide = (event) => {
    const number = event.target.closest("data");
    if (number) number.removeAttribute("aria-describedby");
    tip.hidden = true;
  };
  for (const number of document.querySelectorAll("data")) number.tabIndex = 0;
  document.addEventListener("mouseover", show);
  document.addEventListener("focusin", show);
  document.addEventListener("mouseout", hide);
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") tip.hidden = true; });
})();
