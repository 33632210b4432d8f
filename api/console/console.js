// The console: one picture a second from the server, drawn on our own map and in lists.
import * as maplibre from "./vendor/maplibre-gl.mjs";

const POLL_MS = 1000;
const STALE_MS = 5000;
const $ = (id) => document.getElementById(id);
const COLOUR = { C1: "#ff5c7a", C2: "#ffb02e", C3: "#5ec8f2", C4: "#9fd18b" };
const UNIT_COLOUR = { free: "#54d68a", moving: "#4da3ff", scene: "#e07bff", rests: "#9aa8b8" };
const UNIT_STATE = {
  ON_STATION: "free", AVAILABLE: "free", ALLOCATED: "moving", MOBILE: "moving", AT_SCENE: "scene",
  CONVEYING: "scene", AT_HOSPITAL: "scene", HANDED_OVER: "scene", RELOCATING: "rests",
  ON_BREAK: "rests", OUT_OF_SERVICE: "rests",
};
const rank = (category) => ({ H: "C", I: "C" }[category[0]] ?? "C") + category.replace(/\D/g, "");

let map = null;
let last = null;
let lastAt = 0;
let feedTop = -1;

const minutes = (s) => {
  const whole = Math.max(0, Math.round(s));
  return whole >= 3600
    ? `${Math.floor(whole / 3600)}:${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} h`
    : `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
const clock = (iso) =>
  new Date(iso).toLocaleTimeString("en-GB", { timeZone: "Europe/London", hour12: false });
const element = (name, text, className) => {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
};

// -- the map ---------------------------------------------------------------------------------

const points = (rows, properties) => ({
  type: "FeatureCollection",
  features: rows.map((row) => ({
    type: "Feature",
    geometry: { type: "Point", coordinates: [row.lon, row.lat] },
    properties: properties(row),
  })),
});

const EMPTY = { type: "FeatureCollection", features: [] };

/* Marks as large as given from a county on; over a whole country so small that they do not cover it. */
function byZoom(size) {
  return ["interpolate", ["linear"], ["zoom"], 5.5, ["*", size, 0.3], 9, size];
}

function style(region) {
  const tiles = `${location.origin}/v1/maps/${region.name}/tiles/{z}/{x}/{y}.mvt`;
  const wide = ["match", ["get", "class"], ["motorway", "trunk", "primary"], 2.6,
    ["secondary", "tertiary"], 1.7, 0.9];
  const road = ["match", ["get", "class"], ["motorway", "trunk", "primary"], "#5d7793",
    ["secondary", "tertiary"], "#43596f", "#2b3b4b"];
  return {
    version: 8,
    sources: {
      roads: {
        type: "vector", tiles: [tiles], minzoom: 5, maxzoom: 14,
        bounds: [region.west, region.south, region.east, region.north],
      },
      ways: { type: "geojson", data: EMPTY },
      posts: { type: "geojson", data: EMPTY },
      hospitals: { type: "geojson", data: EMPTY },
      incidents: { type: "geojson", data: EMPTY },
      units: { type: "geojson", data: EMPTY },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": "#0b1219" } },
      {
        id: "roads", type: "line", source: "roads", "source-layer": "roads",
        layout: { "line-cap": "round", "line-join": "round" },
        paint: {
          "line-color": road,
          "line-width": ["interpolate", ["exponential", 1.4], ["zoom"], 8, ["*", wide, 0.5], 15, ["*", wide, 2.4]],
        },
      },
      {
        id: "ways", type: "line", source: "ways",
        paint: { "line-color": ["get", "colour"], "line-width": 3, "line-opacity": 0.55, "line-dasharray": [1.5, 1] },
      },
      {
        id: "posts", type: "circle", source: "posts",
        paint: { "circle-radius": byZoom(4), "circle-color": "#0b1219", "circle-stroke-color": "#6d8297", "circle-stroke-width": byZoom(2) },
      },
      {
        id: "hospitals", type: "circle", source: "hospitals",
        paint: { "circle-radius": byZoom(9), "circle-color": "#ffffff", "circle-stroke-color": "#d0384e", "circle-stroke-width": byZoom(4) },
      },
      {
        id: "incidents", type: "circle", source: "incidents",
        paint: {
          "circle-radius": byZoom(["case", ["get", "waits"], 12, 9]), "circle-color": ["get", "colour"],
          "circle-opacity": ["case", ["get", "waits"], 0.45, 0.12],
          "circle-stroke-color": ["get", "colour"], "circle-stroke-width": byZoom(3),
        },
      },
      {
        id: "units", type: "circle", source: "units",
        paint: {
          "circle-radius": byZoom(["case", ["get", "conveys"], 6.5, 4.5]), "circle-color": ["get", "colour"],
          "circle-stroke-color": "#0b1219", "circle-stroke-width": byZoom(1.5),
        },
      },
    ],
  };
}

function openMap(picture) {
  const { region } = picture;
  try {
    maplibre.setWorkerUrl(new URL("./vendor/maplibre-gl-worker.mjs", import.meta.url).href);
    map = new maplibre.Map({
      container: "map", style: style(region), attributionControl: false,
      bounds: [[region.west, region.south], [region.east, region.north]],
      fitBoundsOptions: { padding: 30 },
    });
  } catch {
    $("no-map").hidden = false;
    return;
  }
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-left");
  map.on("click", (event) => {
    $("report").lat.value = event.lngLat.lat.toFixed(5);
    $("report").lon.value = event.lngLat.lng.toFixed(5);
    $("answer").textContent = "Place chosen; report it.";
  });
  const tip = new maplibre.Popup({ closeButton: false, closeOnClick: false, offset: 10 });
  for (const layer of ["units", "incidents", "hospitals", "posts"]) {
    map.on("mousemove", layer, (event) => {
      const words = element("span", event.features[0].properties.words);
      words.style.color = "#10161d";
      tip.setLngLat(event.lngLat).setDOMContent(words).addTo(map);
    });
    map.on("mouseleave", layer, () => tip.remove());
  }
  map.on("load", () => { map.loaded = true; drawMap(last); });
}

// A unit on its way is drawn where it is now: between two pictures it is moved along its route.
function along(unit, atMs) {
  if (!unit.route || !unit.route_s || !unit.departed_at) return unit;
  const gone = (atMs - Date.parse(unit.departed_at)) / 1000;
  const times = unit.route_s;
  let i = times.findIndex((t) => t > gone);
  if (i === -1) i = times.length - 1;
  if (i === 0 || gone < 0) return unit;
  const part = Math.min(1, (gone - times[i - 1]) / Math.max(0.001, times[i] - times[i - 1]));
  const [a, b] = [unit.route[i - 1], unit.route[i]];
  return { ...unit, lon: a[0] + (b[0] - a[0]) * part, lat: a[1] + (b[1] - a[1]) * part };
}

function drawMap(picture) {
  if (!map?.loaded) return;
  const set = (name, data) => map.getSource(name).setData(data);
  const atMs = Date.parse(picture.at);
  const units = picture.units.filter((u) => u.status !== "OFF_DUTY").map((u) => along(u, atMs));
  set("units", points(units, (u) => ({
    conveys: u.conveys, colour: UNIT_COLOUR[UNIT_STATE[u.status] ?? "rests"],
    words: `${u.unit} · ${u.kind} · ${u.status.toLowerCase().replaceAll("_", " ")}` +
      (u.incident ? ` · ${u.incident}` : "") + (u.eta_s ? ` · arrives in ${minutes(u.eta_s)}` : ""),
  })));
  set("incidents", points(picture.incidents.filter((i) => i.state !== "closed"), (i) => ({
    colour: COLOUR[rank(i.category)] ?? "#9fd18b", waits: i.state === "waiting",
    words: `${i.category} ${i.incident} · ${i.state.replaceAll("_", " ")}`,
  })));
  set("hospitals", points(picture.hospitals, (h) => ({
    words: `${h.name} · ${h.waiting.length} waiting, ${h.inbound.length} inbound`,
  })));
  set("posts", points(picture.posts, (p) => ({ words: p.name })));
  set("ways", {
    type: "FeatureCollection",
    features: units.filter((u) => u.route?.length > 1 && u.incident).map((u) => ({
      type: "Feature", geometry: { type: "LineString", coordinates: u.route },
      properties: { colour: UNIT_COLOUR[UNIT_STATE[u.status] ?? "rests"] },
    })),
  });
}

// -- the lists -------------------------------------------------------------------------------

const STANDARD_S = { C1: 7 * 60, C2: 18 * 60, C3: 2 * 3600, C4: 3 * 3600 };

function drawQueue(picture) {
  const open = picture.incidents.filter((i) => i.state !== "closed");
  $("open-count").textContent = open.length ? `${open.length} open` : "none open";
  $("queue").tBodies[0].replaceChildren(...open.map((incident) => {
    const row = element("tr");
    const category = element("td");
    category.append(element("span", incident.category, `cat ${rank(incident.category).toLowerCase()}`));
    const waits = incident.waiting_s;
    const late = waits != null && waits > (STANDARD_S[rank(incident.category)] ?? Infinity);
    const wait = element("td", waits == null ? "" : minutes(waits), `n${late ? " late" : ""}`);
    row.append(
      category, element("td", incident.incident),
      element("td", incident.state.replaceAll("_", " ")), wait,
      element("td", incident.units.map((u) => u.unit).join(" ") || "–"),
    );
    row.addEventListener("click", () => map?.flyTo({ center: [incident.lon, incident.lat], zoom: 13 }));
    return row;
  }));
}

function drawBoard(picture) {
  const atMs = Date.parse(picture.at);
  const boards = [...picture.hospitals]
    .sort((a, b) => b.waiting.length + b.inbound.length - a.waiting.length - a.inbound.length)
    .slice(0, 6);
  $("board").replaceChildren(...boards.map((hospital) => {
    const box = element("div");
    box.dataset.hospital = hospital.hospital;
    const title = element("h3", hospital.name);
    const recent = hospital.recent_handover_s;
    const mean = recent.length ? recent.reduce((a, b) => a + b, 0) / recent.length : null;
    title.append(element("span", `${hospital.inbound.length} inbound` +
      (mean === null ? "" : ` · last ${recent.length}: ${minutes(mean)}`) +
      (hospital.is_accepting ? "" : " · takes nobody")));
    const list = element("ul", undefined, "bars");
    for (const queue of hospital.waiting) {
      const item = element("li");
      const bar = element("div", undefined, "bar");
      const fill = element("i", undefined, queue.waiting_s > 2700 ? "red" : queue.waiting_s > 900 ? "amber" : "");
      fill.style.width = `${Math.min(100, queue.waiting_s / 36)}%`;
      bar.append(fill);
      for (const mark of [15, 30, 45]) {
        const tick = element("b");
        tick.style.left = `${(mark / 60) * 100}%`;
        bar.append(tick);
      }
      item.append(element("span", queue.unit), bar, element("span", minutes(queue.waiting_s), "n"));
      list.append(item);
    }
    for (const inbound of hospital.inbound) {
      const item = element("li", undefined, "quiet");
      const due = (Date.parse(inbound.due_at) - atMs) / 1000;
      item.append(element("span", inbound.unit), element("span", "inbound"), element("span", `in ${minutes(due)}`, "n"));
      list.append(item);
    }
    box.append(title, ...[flowLine(hospital.hospital)].filter(Boolean), list);
    if (!hospital.waiting.length && !hospital.inbound.length) box.append(element("p", "Nobody waits, nobody is coming.", "quiet"));
    return box;
  }));
}

// -- calls, clinicians, services ---------------------------------------------------------------

const TABS = ["incidents", "calls", "clinicians", "services"];
let tab = "incidents";

function choose(name) {
  tab = name;
  for (const other of TABS) {
    $(`tab-${other}`).setAttribute("aria-selected", String(other === name));
    $(`tab-${other}`).tabIndex = other === name ? 0 : -1;
    $(`panel-${other}`).hidden = other !== name;
  }
  lookAtDesks();
}

for (const [i, name] of TABS.entries()) {
  $(`tab-${name}`).addEventListener("click", () => choose(name));
  $(`tab-${name}`).addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = TABS[(i + step + TABS.length) % TABS.length];
    choose(next);
    $(`tab-${next}`).focus();
  });
}

// A link may name the queue that it is about: /console/#calls.
if (TABS.includes(location.hash.slice(1))) tab = location.hash.slice(1);

const ask = async (path) => {
  const answer = await fetch(path, { cache: "no-store" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
};

function rows(table, cells, nothing) {
  const body = $(table).tBodies[0];
  body.replaceChildren(...cells.map((texts) => {
    const row = element("tr");
    row.append(...texts.map((cell) => (cell instanceof Node ? cell : element("td", cell))));
    return row;
  }));
  if (!cells.length) {
    const cell = element("td", nothing, "quiet");
    cell.colSpan = 5;
    const row = element("tr");
    row.append(cell);
    body.append(row);
  }
}

function categoryCell(category) {
  const cell = element("td");
  cell.append(element("span", category, `cat ${rank(category).toLowerCase()}`));
  return cell;
}

const numberCell = (text, late) => element("td", text, `n${late ? " late" : ""}`);
const seconds = (value) => (value == null ? "–" : `${value.toFixed(value < 10 ? 1 : 0)} s`);

function fact(...parts) {
  const item = element("li");
  item.append(...parts.map((part, i) => (i % 2 ? element("strong", part) : part)));
  return item;
}

function drawCalls(found) {
  const waiting = found.calls.filter((call) => !call.answered_at);
  $("call-count").textContent = waiting.length || "";
  $("rooms").replaceChildren(...found.rooms.map((room) => {
    const times = found.answer_times.find((row) => row.trust === room.trust);
    const words = [`${room.trust}: `, `${room.busy} of ${room.handlers}`, " handlers busy, ", String(room.waiting), " waiting"];
    if (times) words.push(" · answered ", String(times.answered), ", mean ", seconds(times.mean_s), ", 95th ", seconds(times.p95_s), ", 99th ", seconds(times.p99_s));
    return fact(...words);
  }));
  rows("calls", found.calls.map((call) => {
    const wait = (Date.parse(call.answered_at ?? found.at) - Date.parse(call.connected_at)) / 1000;
    return [call.trust, call.call, call.status, numberCell(minutes(wait), !call.answered_at && wait > 10),
      call.answered_by ?? (call.offered_to ? `offered to ${call.offered_to}` : "")];
  }), "Nobody is on the line.");
}

function drawHeld(found) {
  const nowMs = Date.parse(found.at);
  const held = [...found.in_progress, ...found.waiting];
  $("held-count").textContent = held.length || "";
  rows("held", held.map((item) => {
    const left = (Date.parse(item.breach_at) - nowMs) / 1000;
    return [categoryCell(item.category), item.incident, item.status.replaceAll("_", " "),
      numberCell(left < 0 ? "over" : `in ${minutes(left)}`, left < 300), item.clinician ?? ""];
  }), "Nobody waits for a clinician.");
}

function drawServices(services, found) {
  const nowMs = Date.parse(found.at);
  $("service-count").textContent = found.referrals.length || "";
  const counts = { GREEN: 0, AMBER: 0, RED: 0 };
  const open = services.services.filter((service) => service.is_active && service.is_open);
  for (const service of open) counts[service.level] += 1;
  const summary = fact(`${services.services.length} services, `, `${open.length} open`, ": ");
  for (const [level, count] of Object.entries(counts)) {
    summary.append(element("span", `${count} ${level.toLowerCase()} `, `level ${level.toLowerCase()}`));
  }
  const full = open.filter((service) => service.level !== "GREEN").slice(0, 4);
  $("levels").replaceChildren(summary, ...full.map((service) => {
    const item = fact(`${service.name}: `);
    item.append(element("span", service.level.toLowerCase(), `level ${service.level.toLowerCase()}`));
    return item;
  }));
  rows("referrals", found.referrals.map((referral) => {
    const left = (Date.parse(referral.fail_safe_at) - nowMs) / 1000;
    const waits = referral.consequence === "waits";
    return [categoryCell(referral.category), referral.incident, referral.status.replaceAll("_", " "),
      numberCell(waits ? minutes(left) : "", waits && left < 120), referral.service];
  }), "No referral is under way.");
}

async function lookAtDesks() {
  try {
    const [calls, held, referrals] = await Promise.all(
      ["/v1/calls", "/v1/validations", "/v1/referrals"].map(ask),
    );
    drawCalls(calls);
    drawHeld(held);
    $("service-count").textContent = referrals.referrals.length || "";
    if (tab === "services") drawServices(await ask("/v1/services"), referrals);
  } catch (error) {
    console.warn("no desks", error);
  }
}

// -- the flow at hospitals: levels, officers, time lost -------------------------------------------

const flows = new Map();

async function lookAtHospitals() {
  const shown = [...document.querySelectorAll("#board [data-hospital]")].map((box) => box.dataset.hospital);
  for (const name of shown) {
    try {
      flows.set(name, await ask(`/v1/hospitals/${name}/board`));
    } catch (error) {
      console.warn("no board", error);
    }
  }
}

function flowLine(name) {
  const flow = flows.get(name);
  if (!flow) return null;
  const line = element("p", `OPEL ${flow.opel ?? "?"} · ${flow.bays} bays · lost today ${minutes(flow.lost_today_s)}`, "flow");
  if (flow.prediction) {
    line.append(` · an arrival now: ${minutes(flow.prediction.expected_s)} (${minutes(flow.prediction.lower_s)} to ${minutes(flow.prediction.upper_s)}) `);
  }
  for (const rule of flow.halo) {
    if (["proposed", "confirmed", "deployed"].includes(rule.status)) {
      line.append(element("span", `HALO ${rule.status}`, `halo ${rule.status}`));
    }
  }
  return line;
}

function explained(decision) {
  const details = element("details");
  details.append(element("summary", "why"));
  const list = element("ul");
  for (const candidate of decision.candidates) {
    list.append(element("li", candidate.words || `${candidate.id}: ${candidate.verdict}`));
  }
  for (const [verdict, count] of Object.entries(decision.others)) {
    list.append(element("li", `${count} more: ${verdict.replaceAll("_", " ")}`));
  }
  for (const term of decision.terms) list.append(element("li", `${term.name}: ${term.value}`));
  if (decision.note) list.append(element("li", decision.note));
  for (const degraded of decision.degraded) list.append(element("li", `left out: ${degraded}`));
  details.append(list);
  return details;
}

function drawDecisions(picture) {
  const fresh = picture.recent.filter((entry) => entry.seq > feedTop);
  if (!fresh.length) return;
  feedTop = Math.max(...fresh.map((entry) => entry.seq));
  const items = fresh.flatMap((entry) => entry.decisions
    .filter((decision) => decision.type !== "SetTimer")
    .map((decision) => {
      const item = element("li");
      item.append(element("time", clock(entry.at)), decision.words, explained(decision));
      return item;
    }));
  const list = $("decisions");
  list.prepend(...items);
  while (list.children.length > 120) list.lastChild.remove();
}

function drawFigures(picture) {
  $("region").textContent = picture.region.name.replaceAll("-", " ");
  $("clock").textContent = clock(picture.at);
  $("waiting").textContent = picture.incidents.filter((i) => i.state === "waiting").length;
  const on = picture.units.filter((u) => u.status !== "OFF_DUTY");
  $("free").textContent = `${on.filter((u) => ["ON_STATION", "AVAILABLE", "RELOCATING"].includes(u.status)).length} of ${on.length}`;
  $("attribution").textContent = picture.region.attribution.join(" · ") +
    ` · engine ${picture.versions.engine} · simulated figures are not promises`;
}

async function drawResponses() {
  const answer = await fetch("/v1/incidents?closed=500");
  if (!answer.ok) return;
  const { incidents } = await answer.json();
  for (const category of ["C1", "C2"]) {
    const times = incidents
      .filter((i) => i.state === "closed" && i.response_s != null && rank(i.category) === category)
      .map((i) => i.response_s);
    $(category.toLowerCase()).textContent = times.length
      ? `${minutes(times.reduce((a, b) => a + b, 0) / times.length)} (${times.length})` : "–";
  }
}

// -- the round -------------------------------------------------------------------------------

async function look() {
  try {
    const answer = await fetch("/v1/picture", { cache: "no-store" });
    if (!answer.ok) throw new Error(answer.status);
    last = await answer.json();
    lastAt = Date.now();
    if (!map && $("no-map").hidden) openMap(last);
    drawFigures(last); drawQueue(last); drawBoard(last); drawDecisions(last); drawMap(last);
  } catch (error) {
    console.warn("no picture", error);
  }
  $("stale").hidden = lastAt === 0 || Date.now() - lastAt < STALE_MS;
}

$("report").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const answer = await fetch("/v1/incidents", {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": crypto.randomUUID() },
    body: JSON.stringify({ category: form.category.value, lat: Number(form.lat.value), lon: Number(form.lon.value) }),
  });
  const body = await answer.json();
  $("answer").textContent = answer.ok
    ? body.decisions.map((decision) => decision.words).join(" ") || "Reported."
    : `Refused: ${body.detail}`;
  look();
});

await look();
setInterval(look, POLL_MS);
drawResponses();
choose(tab);
setInterval(lookAtDesks, 2000);
setTimeout(lookAtHospitals, 1500);
setInterval(lookAtHospitals, 5000);
setInterval(drawResponses, 10_000);
