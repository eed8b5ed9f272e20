// Writes slack.json: Slack's own TypeScript types as JSON Schema. See README.md beside this file.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
const SCOPES = join(HERE, '../../bot/adapters/slack/scopes.py');
const ANSWERS = { 'command answer': 'CommandAnswer', response_url: 'ResponseUrlBody', 'view answer': 'ViewAnswer' };
const ANYTHING = ['AnyBlock', 'Block']; // they let every block through, so known blocks take their place
const WIDTH = 110;

/** The Web API methods that the bot may call: the keys of SCOPES. */
function methods() {
  const table = readFileSync(SCOPES, 'utf8').match(/^SCOPES\b[^{]*\{(.*?)^\}/ms)[1];
  return [...table.matchAll(/^ {4}"([A-Za-z.]+)":/gm)].map((found) => found[1]);
}

/** `chat.postMessage` is described by ChatPostMessageArguments. */
function typeName(method) {
  return `${method.split('.').map((part) => part[0].toUpperCase() + part.slice(1)).join('')}Arguments`;
}

/** Every definition that the roots need, by name. */
async function described(folder, roots) {
  const { createGenerator } = await import(pathToFileURL(createRequire(join(folder, 'x.js')).resolve('ts-json-schema-generator')));
  const names = Object.values(roots);
  const fromApi = names.filter((name) => name.endsWith('Arguments'));
  const aliases = names.map((name) => `export type Root${name} = ${fromApi.includes(name) ? `api.${name}` : `answers.${name}`};`);
  writeFileSync(
    join(folder, 'roots.ts'),
    `import type * as api from '@slack/web-api';\nimport type * as answers from './answers.js';\n${aliases.join('\n')}\n`,
  );
  const compilerOptions = { strict: true, module: 'nodenext', target: 'es2022', skipLibCheck: true, types: [] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['roots.ts'] }));
  const generator = createGenerator({
    path: join(folder, 'roots.ts'),
    tsconfig: join(folder, 'tsconfig.json'),
    expose: 'export',
    jsDoc: 'none',
  });
  const definitions = {};
  for (const [root, name] of Object.entries(roots)) {
    const found = generator.createSchema(`Root${name}`).definitions;
    const { [`Root${name}`]: top, ...parts } = found;
    add(definitions, { ...parts, [root]: top });
  }
  return definitions;
}

function add(definitions, more) {
  for (const [name, schema] of Object.entries(more)) {
    if (name in definitions && JSON.stringify(definitions[name]) !== JSON.stringify(schema)) {
      throw new Error(`two different types are called ${name}`);
    }
    definitions[name] = schema;
  }
}

const target = (schema) => schema.$ref && decodeURIComponent(schema.$ref.replace('#/definitions/', ''));

/** The same schema without detours: blocks that are known, views of today, variants with what they share said once. */
function tidied(schema) {
  if (Array.isArray(schema)) return schema.map(tidied);
  if (schema === null || typeof schema !== 'object') return schema;
  if (ANYTHING.includes(target(schema))) return { $ref: '#/definitions/KnownBlock' };
  const parts = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, tidied(value)]));
  if (!parts.anyOf) return parts;
  const known = (each) => !each.not && target(each) !== 'WorkflowStepView';
  const variants = distinct(parts.anyOf.filter(known));
  return variants.length === 1 ? variants[0] : factored(variants);
}

function distinct(schemas) {
  return [...new Map(schemas.map((each) => [JSON.stringify(each), each])).values()];
}

/** Variants of one object: what they agree on stands in front, what is left in an anyOf; false: not in this one. */
function factored(variants) {
  const closed = (each) => each.properties && each.additionalProperties === false && !each.anyOf;
  if (!variants.every(closed)) return { anyOf: variants };
  const names = [...new Set(variants.flatMap((each) => Object.keys(each.properties)))].sort();
  const kinds = (name) => distinct(variants.filter((each) => name in each.properties).map((each) => each.properties[name]));
  const agreed = new Map(names.map((name) => [name, kinds(name).length === 1 ? kinds(name)[0] : {}]));
  const required = names.filter((name) => variants.every((each) => each.required?.includes(name)));
  const left = (each, name) => {
    if (!(name in each.properties)) return [[name, false]];
    return kinds(name).length === 1 ? [] : [[name, each.properties[name]]];
  };
  const own = variants.map((each) => ({
    properties: Object.fromEntries(names.flatMap((name) => left(each, name))),
    required: (each.required ?? []).filter((name) => !required.includes(name)),
  }));
  return {
    type: 'object',
    properties: Object.fromEntries(agreed),
    required,
    additionalProperties: false,
    anyOf: distinct(own),
  };
}

/** The definitions that the roots lead to, in the order of their names; aliases of one name are followed. */
function reachable(definitions, roots) {
  const found = new Map();
  const visit = (name) => {
    if (found.has(name)) return;
    let schema = definitions[name];
    while (roots.includes(name) && target(schema)) schema = definitions[target(schema)];
    found.set(name, schema);
    for (const [, reference] of JSON.stringify(schema).matchAll(/#\/definitions\/([^"]+)/g)) visit(decodeURIComponent(reference));
  };
  roots.forEach(visit);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** JSON with every value that fits on one line: small, and a change shows where it is. */
function written(value, indent = '') {
  const short = JSON.stringify(value);
  if (short.length + indent.length <= WIDTH || value === null || typeof value !== 'object') return short;
  const inner = `${indent} `;
  const items = Array.isArray(value)
    ? value.map((each) => inner + written(each, inner))
    : Object.entries(value).map(([key, each]) => `${inner}${JSON.stringify(key)}: ${written(each, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${items.join(',\n')}\n${indent}${close}`;
}

const folder = mkdtempSync(join(tmpdir(), 'slack-schemas-'));
try {
  for (const name of ['package.json', 'package-lock.json', 'answers.ts']) copyFileSync(join(HERE, name), join(folder, name));
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
  const roots = { ...Object.fromEntries(methods().map((method) => [method, typeName(method)])), ...ANSWERS };
  const definitions = Object.fromEntries(
    Object.entries(await described(folder, roots)).map(([name, schema]) => [name, tidied(schema)]),
  );
  const kept = reachable(definitions, [...Object.keys(roots), 'HomeView']);
  const { devDependencies: packages } = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8'));
  const from = Object.entries(packages).filter(([name]) => name.startsWith('@slack/')).map((pair) => pair.join(' '));
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', $comment: `generated from ${from.join(' and ')}`, definitions: kept };
  writeFileSync(join(HERE, 'slack.json'), `${written(schema)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
