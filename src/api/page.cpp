// Copyright the Lockstep developers
// SPDX-License-Identifier: Apache-2.0
#include "api/page.hpp"

namespace lockstep::api {

const std::string_view api_page = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lockstep API</title>
<style>
:root {
  --paper: #f6f7f9; --card: #ffffff; --ink: #1b2430; --soft: #5d6b7c; --line: #dfe4ea; --accent: #2457d6;
  --get: #1f7a4d; --post: #2457d6; --put: #a15c00; --patch: #7a3fb5; --delete: #b3261e; --code: #f0f3f7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #12161c; --card: #1a2028; --ink: #e4e9ef; --soft: #94a3b5; --line: #2c3541; --accent: #7aa2ff;
    --get: #4cc38a; --post: #7aa2ff; --put: #f0a84a; --patch: #c08cf0; --delete: #ff7b72; --code: #222a34;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 16px; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
code, pre, .path, .verb, input { font-family: ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; }
a { color: var(--accent); text-decoration: none; }
.layout { display: grid; grid-template-columns: 230px minmax(0, 1fr); max-width: 1280px; margin: 0 auto; }
nav { position: sticky; top: 0; align-self: start; height: 100vh; overflow-y: auto; padding: 28px 18px; border-right: 1px solid var(--line); }
nav .name { font-weight: 700; font-size: 19px; letter-spacing: -.01em; }
nav .motto { color: var(--soft); font-size: 13px; margin: 2px 0 20px; }
nav a { display: flex; justify-content: space-between; padding: 5px 10px; border-radius: 7px; color: var(--ink); }
nav a:hover { background: var(--code); }
nav a span { color: var(--soft); font-size: 13px; }
main { padding: 28px 32px 80px; }
header { display: flex; gap: 16px; align-items: center; flex-wrap: wrap; margin-bottom: 20px; }
header h1 { font-size: 24px; letter-spacing: -.01em; margin: 0; flex: 1 1 auto; }
header .links { font-size: 13px; color: var(--soft); }
#search { width: 100%; padding: 10px 14px; border: 1px solid var(--line); border-radius: 10px; background: var(--card); color: var(--ink); font-size: 14px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
.lead { color: var(--soft); margin: 0 0 18px; max-width: 62ch; }
h2 { font-size: 17px; margin: 34px 0 10px; }
details.route { background: var(--card); border: 1px solid var(--line); border-radius: 10px; margin: 8px 0; }
details.route > summary { display: flex; gap: 12px; align-items: baseline; padding: 10px 14px; cursor: pointer; list-style: none; }
details.route > summary::-webkit-details-marker { display: none; }
details.route[open] > summary { border-bottom: 1px solid var(--line); }
.verb { flex: 0 0 62px; font-size: 12px; font-weight: 700; }
.GET { color: var(--get); } .POST { color: var(--post); } .PUT { color: var(--put); } .PATCH { color: var(--patch); } .DELETE { color: var(--delete); }
.path { font-size: 14px; overflow-wrap: anywhere; }
.path b { color: var(--accent); font-weight: 500; }
.say { margin-left: auto; color: var(--soft); font-size: 13px; text-align: right; }
.body { padding: 14px; display: grid; gap: 14px; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 10px 14px; }
label { display: block; font-size: 13px; }
label small { color: var(--soft); display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
label input { width: 100%; margin-top: 3px; padding: 6px 9px; border: 1px solid var(--line); border-radius: 7px; background: var(--paper); color: var(--ink); font-size: 13px; }
.more summary { cursor: pointer; color: var(--soft); font-size: 13px; }
.more .grid { margin-top: 10px; }
button { font: inherit; font-weight: 600; padding: 7px 18px; border: 0; border-radius: 8px; background: var(--accent); color: var(--card); cursor: pointer; }
.try { display: flex; gap: 14px; align-items: center; flex-wrap: wrap; }
.try code { color: var(--soft); font-size: 13px; overflow-wrap: anywhere; }
pre { margin: 0; padding: 12px 14px; background: var(--code); border-radius: 8px; font-size: 13px; line-height: 1.45; overflow: auto; max-height: 460px; white-space: pre-wrap; overflow-wrap: anywhere; }
.label { font-size: 12px; font-weight: 600; color: var(--soft); text-transform: uppercase; letter-spacing: .06em; margin-bottom: 4px; }
.status { font-weight: 700; } .good { color: var(--get); } .bad { color: var(--delete); }
.none { color: var(--soft); padding: 40px 0; text-align: center; }
@media (max-width: 800px) { .layout { display: block; } nav { display: none; } main { padding: 20px 16px 60px; } .say { display: none; } }
</style>
</head>
<body>
<div class="layout">
<nav><div class="name">Lockstep</div><div class="motto">Many parties, one sequence</div><div id="tags"></div></nav>
<main>
<header><h1>API</h1><div class="links" id="links"></div></header>
<p class="lead" id="lead">Loading the document…</p>
<input id="search" type="search" placeholder="Find a route: messages, subscriptions, did…" aria-label="Find a route">
<div id="routes"></div>
</main>
</div>
<script>
'use strict';
const here = location.pathname.replace(/\/+$/, '');
const paging = new Set(['skip', 'limit', 'sort', 'ascending', 'descending', 'count']);
let schemas = {};

function make(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === 'class') node.className = value; else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// An example of a schema, as far down as one wants to read.
function example(schema, depth) {
  if (!schema) return null;
  if (schema.allOf) return example(schema.allOf[0], depth);
  if (schema.$ref) return depth > 3 ? {} : example(schemas[schema.$ref.split('/').pop()], depth + 1);
  if (schema.type === 'object') {
    const out = {};
    for (const [name, member] of Object.entries(schema.properties || {})) out[name] = example(member, depth + 1);
    return out;
  }
  if (schema.type === 'array') return [example(schema.items, depth + 1)];
  if (schema.type === 'integer' || schema.type === 'number') return 0;
  if (schema.type === 'boolean') return true;
  if (schema.format === 'uuid') return '00000000-0000-0000-0000-000000000000';
  if (schema.format === 'date-time') return '2024-05-01T10:00:00Z';
  return schema.type === 'string' ? 'text' : {};
}

function shown(path) {
  const span = make('span', {class: 'path'});
  for (const part of path.split(/(\{[^}]*\})/)) span.append(part.startsWith('{') ? make('b', {}, part) : part);
  return span;
}

function input(parameter) {
  const field = make('input', {name: parameter.name, 'data-in': parameter.in, placeholder: parameter.required ? 'required' : ''});
  return make('label', {title: parameter.description || ''}, parameter.name, make('small', {}, parameter.description || '\u00a0'), field);
}

function address(server, path, form) {
  let url = server + path;
  const query = [];
  for (const field of form.querySelectorAll('input')) {
    const where = field.dataset.in;
    if (where === 'path') url = url.replace('{' + field.name + '}', encodeURIComponent(field.value));
    if (where === 'query' && field.value) query.push(encodeURIComponent(field.name) + '=' + encodeURIComponent(field.value));
  }
  return query.length ? url + '?' + query.join('&') : url;
}

function pretty(text) {
  // Only white space is added: numbers keep every digit.
  let out = '', depth = 0, quoted = false;
  const line = () => '\n' + '  '.repeat(depth);
  for (let i = 0; i < text.length; ++i) {
    const c = text[i];
    if (quoted) {
      out += c;
      if (c === '\\') out += text[++i];
      else if (c === '"') quoted = false;
    } else if (c === '"') { quoted = true; out += c;
    } else if (c === '{' || c === '[') {
      const close = c === '{' ? '}' : ']';
      if (text[i + 1] === close) { out += c + close; ++i; } else { ++depth; out += c + line(); }
    } else if (c === '}' || c === ']') { --depth; out += line() + c;
    } else if (c === ',') out += c + line();
    else out += c === ':' ? ': ' : c;
  }
  return out;
}

function fill(body, server, path, operation, method) {
  const parameters = operation.parameters.filter(p => p.in !== 'header');
  const own = parameters.filter(p => p.in === 'path' || !(p.description || '').startsWith('Filter:') && !paging.has(p.name));
  const filters = parameters.filter(p => !own.includes(p));
  const form = make('form', {class: 'body', style: 'padding:0'});
  if (own.length) form.append(make('div', {class: 'grid'}, ...own.map(input)));
  if (filters.length) {
    form.append(make('details', {class: 'more'}, make('summary', {}, 'Filters and paging (' + filters.length + ')'), make('div', {class: 'grid'}, ...filters.map(input))));
  }
  body.append(form);
  const content = operation.requestBody && operation.requestBody.content['application/json'];
  if (content) {
    body.append(make('div', {}, make('div', {class: 'label'}, 'Body'), make('pre', {}, JSON.stringify(example(content.schema, 0), null, 2))));
  }
  const [code, answer] = Object.entries(operation.responses)[0];
  if (answer.content) {
    body.append(make('div', {}, make('div', {class: 'label'}, 'Answer ' + code), make('pre', {}, JSON.stringify(example(answer.content['application/json'].schema, 0), null, 2))));
  }
  if (method !== 'get') return;
  const url = make('code', {}, ''), status = make('span', {class: 'status'}), result = make('pre', {hidden: ''});
  const refresh = () => { url.textContent = address(server, path, form); };
  form.addEventListener('input', refresh);
  refresh();
  const send = async event => {
    event.preventDefault();
    const began = performance.now();
    try {
      const response = await fetch(address(server, path, form));
      const text = (await response.text()).trim();
      status.textContent = response.status + ' in ' + Math.round(performance.now() - began) + ' ms';
      status.className = 'status ' + (response.ok ? 'good' : 'bad');
      result.textContent = text ? pretty(text) : '(no body)';
    } catch (error) {
      status.textContent = String(error);
      status.className = 'status bad';
    }
    result.hidden = false;
  };
  form.addEventListener('submit', send);
  const button = make('button', {type: 'submit'}, 'Try it');
  form.append(make('div', {class: 'try'}, button, url, status));
  body.insertBefore(result, form.nextSibling);
}

function show(api) {
  schemas = api.components.schemas;
  // Asked at the address that this page came from, whatever name the document was fetched by.
  const server = new URL(api.servers[0].url, location.href).pathname;
  const groups = new Map();
  for (const [path, operations] of Object.entries(api.paths)) {
    if (path.startsWith('/namespaces/{ns}/')) continue;
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push({path, method, operation});
    }
  }
  const count = [...groups.values()].reduce((sum, list) => sum + list.length, 0);
  document.getElementById('lead').textContent = api.info.description + '. ' + count + ' routes below ' + server +
    (api.paths['/namespaces/{ns}/status'] ? '; those that belong to a namespace stand below ' + server + '/namespaces/{ns} as well.' : '.');
  for (const [tag, list] of groups) {
    const id = tag.toLowerCase().replace(/\W+/g, '-');
    document.getElementById('tags').append(make('a', {href: '#' + id}, tag, make('span', {}, String(list.length))));
    const section = make('section', {id}, make('h2', {}, tag));
    for (const {path, method, operation} of list) {
      const verb = method.toUpperCase();
      const route = make('details', {class: 'route', 'data-find': (verb + ' ' + path + ' ' + operation.summary).toLowerCase()},
        make('summary', {}, make('span', {class: 'verb ' + verb}, verb), shown(path), make('span', {class: 'say'}, operation.summary)));
      route.addEventListener('toggle', () => {
        if (route.children.length > 1) return;
        const body = make('div', {class: 'body'});
        fill(body, server, path, operation, method);
        route.append(body);
      });
      section.append(route);
    }
    document.getElementById('routes').append(section);
  }
}

document.getElementById('search').addEventListener('input', event => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const section of document.querySelectorAll('section')) {
    let any = false;
    for (const route of section.querySelectorAll('.route')) {
      route.hidden = !words.every(word => route.dataset.find.includes(word));
      any = any || !route.hidden;
    }
    section.hidden = !any;
  }
});

for (const kind of ['json', 'yaml']) {
  const links = document.getElementById('links');
  if (links.childNodes.length) links.append(' · ');
  links.append(make('a', {href: here + '/openapi.' + kind}, 'openapi.' + kind));
}
fetch(here + '/openapi.json').then(response => response.json()).then(show).catch(error => {
  document.getElementById('lead').textContent = 'The document cannot be read: ' + error;
});
</script>
</body>
</html>
)html";

}  // namespace lockstep::api
