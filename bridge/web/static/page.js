// Keeps a page up to date. Everything it shows it sets as text or as an attribute of ours: no markup comes from outside.
'use strict'

const SILENCE_MS = 30000 // the bridge says something every 10 s
const LONGEST_WAIT_MS = 15000
const FULL_WAIT_MS = 30000
const page = document.body.dataset
const connection = document.getElementById('connection')
const connectionText = document.getElementById('connection-text')
const announcer = document.getElementById('announcer')
const asOf = connectionText.querySelector('time')
let ahead = asOf ? Date.parse(asOf.dateTime) - Date.now() : 0 // how far the bridge's clock is ahead of this one, in ms
let wait = 1000
let silent
let again
let stream
let lastNews

// Times

function span (seconds) { // the same words as in words.py
  const s = Math.max(0, Math.floor(seconds))
  if (s < 60) return `${s} s`
  if (s < 3600) return `${Math.floor(s / 60)} min`
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`
  return `${Math.floor(s / 86400)} d ${Math.floor(s % 86400 / 3600)} h`
}

function setText (element, text) {
  if (element.textContent !== text) element.textContent = text
}

function tellAge (time) {
  const at = Date.parse(time.dateTime)
  setText(time, Number.isNaN(at) ? 'never' : `${span((Date.now() + ahead - at) / 1000)} ago`)
}

function tellClock (time) {
  const at = new Date(time.dateTime)
  if (Number.isNaN(at.getTime())) return
  const today = at.toDateString() === new Date().toDateString()
  setText(time, today ? at.toLocaleTimeString() : at.toLocaleString())
  time.title = time.dateTime
}

function tellTimes () {
  document.querySelectorAll('[data-age]').forEach(tellAge)
}

// Values

const scopes = new Map()
for (const element of document.querySelectorAll('[data-scope]')) {
  const known = scopes.get(element.dataset.scope) ?? []
  known.push(element)
  scopes.set(element.dataset.scope, known)
}

function within (scope, selector, use) {
  for (const element of scopes.get(scope) ?? []) {
    if (element.matches(selector)) use(element)
    element.querySelectorAll(selector).forEach(use)
  }
}

function apply (scope, field, value) {
  const key = CSS.escape(field)
  if (field === 'shape') {
    if (scope === page.about && value !== page.shape) madeAnew()
  } else if (field === 'commands') {
    fill('commands', value, commandCells)
    value.forEach(tellOutcome)
  } else if (field === 'events') {
    fill('events', value, eventCells)
  } else if (field.startsWith('input:')) {
    bound(field.slice('input:'.length), value)
  } else {
    within(scope, `[data-field="${key}"]`, element => {
      const changed = element.textContent !== value
      setText(element, value)
      if (changed && 'announce' in element.dataset) announce(scope, value)
    })
    within(scope, `[data-path="${key}"]`, element => element.setAttribute('d', value))
    within(scope, `[data-tone-field="${key}"]`, element => { element.dataset.tone = value })
    within(scope, `[data-age="${key}"]`, element => { element.dateTime = value; tellAge(element) })
  }
}

function announce (scope, value) {
  const name = (scopes.get(scope) ?? [])[0]?.querySelector('[data-field="name"]')?.textContent ?? ''
  announcer.textContent = `${name}: ${value}`
}

// A field that somebody is at, or has changed, is theirs.
function bound (key, told) {
  for (const field of document.querySelectorAll(`[data-input="${CSS.escape(key)}"]`)) {
    for (const edge of ['min', 'max', 'step']) if (edge in told) field.setAttribute(edge, told[edge])
    if (field !== document.activeElement && !('changed' in field.dataset)) field.value = told.value
  }
  for (const button of document.querySelectorAll(`[data-pressed="${CSS.escape(key)}"]`)) {
    button.setAttribute('aria-pressed', String(button.value === told.value))
  }
}

// The page lacks something that is there now, or shows what is gone.
function madeAnew () {
  const busy = document.activeElement !== document.body && document.getElementById('main').contains(document.activeElement)
  if (!busy && !document.querySelector('[data-changed]')) {
    location.reload()
    return
  }
  const link = document.createElement('a')
  link.href = location.href
  link.textContent = 'Reload the page'
  document.getElementById('notice').replaceChildren('What there is to show has changed. ', link)
}

// Tables

function cell (...content) {
  const made = document.createElement('td')
  made.append(...content)
  return made
}

function clock (line) {
  const time = document.createElement('time')
  time.dateTime = line.at
  tellClock(time)
  return cell(time)
}

function commandCells (line) {
  const dot = document.createElement('span')
  const told = document.createElement('span')
  dot.className = 'dot'
  dot.setAttribute('aria-hidden', 'true')
  told.className = 'muted'
  told.textContent = line.told
  const outcome = cell(dot, ` ${line.outcome} `, told)
  outcome.dataset.tone = line.tone
  return [clock(line), cell(line.what), cell(line.wish), outcome, cell(line.took)]
}

function eventCells (line) {
  return [clock(line), cell(line.what), cell(line.told)]
}

function fill (id, lines, cells) {
  const table = document.getElementById(id)
  if (!table) return
  table.tBodies[0].replaceChildren(...lines.map(line => {
    const row = document.createElement('tr')
    row.append(...cells(line))
    return row
  }))
  table.parentElement.hidden = lines.length === 0
  document.getElementById(`no-${id}`).hidden = lines.length > 0
}

// Commands

function outcomeOf (form, text, tone) {
  const told = form.querySelector('.outcome')
  told.dataset.tone = tone
  setText(told, text)
}

function tellOutcome (line) {
  const form = document.querySelector(`form[data-id="${CSS.escape(line.id)}"]`)
  if (!form) return
  outcomeOf(form, [`${line.wish} ${line.outcome}.`.trim(), line.told].join(' ').trim(), line.tone)
  if (line.final) delete form.dataset.id
}

async function send (form, button) {
  const asked = new URLSearchParams(new FormData(form, button))
  outcomeOf(form, 'Sending …', 'busy')
  try {
    const answer = await fetch(form.action, { method: 'POST', body: asked, headers: { Accept: 'application/json' } })
    const told = await answer.json()
    form.querySelectorAll('[data-changed]').forEach(field => delete field.dataset.changed)
    if (told.error) {
      outcomeOf(form, told.error, 'problem')
      return
    }
    form.dataset.id = told.command.id
    tellOutcome(told.command)
  } catch {
    outcomeOf(form, 'The bridge did not answer.', 'problem')
  }
}

document.addEventListener('submit', event => {
  if (!('command' in event.target.dataset)) return
  event.preventDefault()
  send(event.target, event.submitter)
})
document.addEventListener('input', event => {
  if ('input' in event.target.dataset) event.target.dataset.changed = ''
})

// The connection

function condition (name, text) {
  connection.dataset.condition = name
  document.body.classList.toggle('gone', name === 'gone')
  setText(connectionText, text)
}

function heard (event) {
  const { now, scopes: news } = JSON.parse(event.data)
  ahead = Date.parse(now) - Date.now()
  lastNews = new Date()
  wait = 1000
  condition('live', 'Live')
  clearTimeout(silent)
  silent = setTimeout(lost, SILENCE_MS)
  for (const [scope, fields] of Object.entries(news)) {
    for (const [field, value] of Object.entries(fields)) apply(scope, field, value)
  }
}

function rest () {
  clearTimeout(silent)
  clearTimeout(again)
  stream?.close()
}

function lost () {
  rest()
  const since = lastNews ? ` Values are of ${lastNews.toLocaleTimeString()}.` : ''
  condition('gone', `No connection to the bridge.${since}`)
  again = setTimeout(listen, wait)
  wait = Math.min(2 * wait, LONGEST_WAIT_MS)
}

function full () {
  rest()
  condition('static', 'Not live: too many viewers.')
  again = setTimeout(listen, FULL_WAIT_MS)
}

function listen () {
  const address = new URL(page.events, location.href)
  rest()
  if (page.about === 'bridge') {
    for (const scope of scopes.keys()) {
      if (scope.startsWith('charger:')) address.searchParams.append('charger', scope.slice('charger:'.length))
    }
  }
  stream = new EventSource(address)
  stream.onmessage = heard
  stream.onerror = lost
  stream.addEventListener('full', full)
  silent = setTimeout(lost, SILENCE_MS)
}

document.querySelectorAll('[data-clock]').forEach(tellClock)
if (page.events) {
  listen()
  setInterval(tellTimes, 1000)
  // A page that comes back from the browser's memory has lost its stream.
  addEventListener('pageshow', event => { if (event.persisted) lost() })
  addEventListener('pagehide', rest)
  // Nobody looks: leave the place to others.
  document.addEventListener('visibilitychange', () => document.hidden ? rest() : listen())
}
