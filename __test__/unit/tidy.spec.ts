/** Each rule of scripts/rules is broken once, and says so; a clean tree passes them all. */

import { describe, expect, it } from 'vitest'

type Files = Record<string, string>
interface Tree {
  readonly paths: string[]
  read(path: string): string
}
interface Result {
  readonly name: string
  readonly violations: string[]
}

const rulesPath = new URL('../../scripts/rules/index.mjs', import.meta.url).href
const treePath = new URL('../../scripts/rules/tree.mjs', import.meta.url).href
const { checkRepository, rules } = (await import(rulesPath)) as {
  checkRepository(tree: Tree): Result[]
  rules: { name: string }[]
}
const { treeOf } = (await import(treePath)) as { treeOf(files: Files): Tree }

/** A small repository that keeps every rule. */
const clean: Files = {
  'crate/engine/Cargo.toml': '[dependencies]\nsled.workspace = true\nsledstore-sys.workspace = true\n',
  'crate/engine/src/lib.rs': '//! sled:: in a comment\nmod backend;\nmod error;\nmod options;\n',
  'crate/engine/src/backend.rs': 'use sled::Db;\nfn open() {}\n',
  'crate/engine/src/error.rs': 'codes! {\n    /// Doc.\n    Conflict = "CONFLICT", Retry;\n}\n',
  'crate/engine/src/options.rs':
    'pub const SEGMENT_BYTES: usize = 2 << 20;\npub const ENTRY_BYTES_MAX: usize = SEGMENT_BYTES / 4 / 27;\n',
  'crate/node/Cargo.toml': '[dependencies]\nnapi = "3"\nsledstore-engine.workspace = true\n',
  'crate/node/src/lib.rs': 'mod raw;\n',
  'crate/node/src/raw.rs': 'fn call() { unsafe { } }\n',
  'lib/errors.ts': "const classes = {\n  CONFLICT: 'retry',\n}\nexport const error = classes\n",
  'lib/options.ts':
    'export const SEGMENT_BYTES = 2 << 20\nexport interface StoreOptions {\n  readonly profile?: string\n}\n',
  'lib/internal/native.ts': "import binding from '#binding'\nexport const native = binding\n",
  'lib/store.ts':
    "import { native } from './internal/native.js'\nimport { error } from './errors.js'\nimport './options.js'\nexport const store = [native, error]\n",
  'lib/index.ts': "export { store } from './store.js'\n",
  'lib/adapters/other.ts':
    "import { store } from 'sledstore'\nimport type { error } from '../errors.js'\nexport const other: typeof error = store\n",
  'packages/beside/package.json': '{ "name": "beside", "dependencies": { "@a/b": "1.2.3" } }',
  'packages/beside/lib/index.ts': "export { part } from './part.js'\n",
  'packages/beside/lib/part.ts': "import { part } from '@a/b/c'\nexport { part }\n",
  'README.md': '# Title\n\n[docs](docs/README.md)\n',
  'ARCHITECTURE.md':
    '# Title\n\n| E1 | holds | `__test__/unit/a.spec.ts` |\n| V1 | holds | not guarded yet: nothing can break it |\n',
  'docs/README.md':
    '# Docs\n\n[errors](reference/errors.md) [options](reference/options.md)\n\n```sh\n# not a title\n```\n',
  'docs/reference/errors.md': '# Errors\n\n| `CONFLICT` | retry | A newer version. | Run again. |\n',
  'docs/reference/options.md':
    '# Options\n\n| `profile` | a name |\n| Segment | `SEGMENT_BYTES` | 2,097,152 |\n| Entry | `ENTRY_BYTES_MAX` | 19,418 |\n',
  '__test__/unit/a.spec.ts': "it('holds', () => {})\n",
  'package.json': '{ "dependencies": { "a": "1.2.3" } }',
  'package-lock.json': '{ "packages": { "node_modules/a": { "version": "1.2.3" } } }',
}

/** Joined here so that this file keeps the rules it tests. */
const reminder = ['TO', 'DO'].join('')
const registry = ['registry', 'npmjs', 'org'].join('.')
const home = ['', 'home', 'somebody'].join('/')

const longFunction = `export function long() {\n${'  call()\n'.repeat(70)}}\n`

/** What breaks which rule: the files changed, and a part of the complaint. */
const planted: [rule: string, files: Files, complaint: string][] = [
  [
    'cratesDependDownwards',
    { 'crate/sys/Cargo.toml': '[dependencies]\nsledstore-engine.workspace = true\n' },
    'lies above',
  ],
  [
    'cratesDependDownwards',
    { 'crate/vector/Cargo.toml': '[dev-dependencies]\nsledstore-graph = { path = "x" }\n' },
    'sledstore-graph',
  ],
  [
    'sledIsNamedOnce',
    { 'crate/engine/src/error.rs': `${clean['crate/engine/src/error.rs']}fn f() { sled::open("x"); }\n` },
    'error.rs:5',
  ],
  ...[
    'use sled::Batch;',
    'use sled::{Db, Tree};',
    'fn f() { db.flush_async(); }',
    'fn f() { db.range(a..).rev(); }',
  ].map((code): [string, Files, string] => [
    'sledIsCalledPlainly',
    { 'crate/engine/src/backend.rs': `${code}\n` },
    'E21',
  ]),
  [
    'sledIsCalledPlainly',
    { 'crate/engine/src/backend.rs': 'fn f() { db.insert(a, b); }\nfn g() { db.insert(c, d); }\n' },
    'one place writes',
  ],
  ['sledIsNamedOnce', { 'crate/node/Cargo.toml': '[dependencies]\nsled = "0.34"\n' }, 'depends on sled'],
  ['napiStaysInNode', { 'crate/graph/Cargo.toml': '[dependencies]\nnapi-derive = "3"\n' }, 'napi-derive'],
  [
    'unsafeStaysInItsRooms',
    { 'crate/node/src/lib.rs': "mod raw;\nfn f<'a>(x: char) { if x == '\"' { unsafe {} } }\n" },
    'lib.rs:2',
  ],
  [
    'libImportsDownwards',
    { 'lib/errors.ts': `${clean['lib/errors.ts']}import type { store } from './store.js'\n` },
    'lies above',
  ],
  ['libImportsDownwards', { 'lib/unheard.ts': '' }, 'has no layer'],
  ['oneFileImportsTheAddon', { 'lib/store.ts': `${clean['lib/store.ts']}import x from '#binding'\n` }, 'store.ts:5'],
  [
    'oneFileImportsTheAddon',
    { 'lib/store.ts': `${clean['lib/store.ts']}const x = require('./native/binding.cjs')\n` },
    'store.ts:5',
  ],
  ['filesHoldOneNoun', { 'crate/engine/src/backend.rs': '\n'.repeat(601) }, '601 lines'],
  ['typingsReadInFiveMinutes', { 'index.d.ts': 'word '.repeat(1_501) }, '1501 words'],
  ['typingsReadInFiveMinutes', { 'packages/beside/index.d.ts': 'word '.repeat(1_501) }, 'beside/index.d.ts'],
  ['typingsReadInFiveMinutes', { 'types/graph.d.ts': '/** wörd’s */\n'.repeat(1_501) }, 'types/graph.d.ts'],
  [
    'adaptersLoadThePackage',
    { 'lib/adapters/other/part.ts': "import { store } from '../../store.js'\nexport const part = store\n" },
    'part.ts:1',
  ],
  [
    'packagesImportWhatTheyName',
    { 'packages/beside/lib/part.ts': "import type { part } from '@a/c'\nexport { part }\n" },
    'part.ts:1 imports @a/c',
  ],
  [
    'packagesImportWhatTheyName',
    { 'packages/beside/lib/part.ts': "\nexport { store as part } from '../../../lib/store.js'\n" },
    'part.ts:2',
  ],
  ...['beside/part', '../packages/beside/lib/part.js'].map((specifier): [string, Files, string] => [
    'libKnowsNoPackagesAbove',
    { 'lib/store.ts': `${clean['lib/store.ts']}import type { part } from '${specifier}'\n` },
    'store.ts:5',
  ]),
  [
    'packagesLoadLate',
    { '__test__/package/checks/any.check.mjs': "import { x } from 'node:fs'\nimport { y } from 'some-package'\n" },
    'any.check.mjs:2',
  ],
  [
    'packagesLoadLate',
    {
      'scripts/make.mjs':
        "import { setup } from './shared/prepare.mjs'\nimport { helper } from './shared/helper.mjs'\n",
      'scripts/shared/helper.mjs': "import { y } from 'some-package'\n",
    },
    'helper.mjs:1',
  ],
  [
    'libImportsDownwards',
    { 'lib/store.ts': `${clean['lib/store.ts']}import type { other } from './adapters/other.js'\n` },
    'store.ts:5',
  ],
  ['functionsFitAScreen', { 'lib/errors.ts': clean['lib/errors.ts'] + longFunction }, 'long has 72 lines'],
  [
    'functionsFitAScreen',
    { 'crate/engine/src/backend.rs': `fn long(x: [u8; 4])\nwhere\n    A: B,\n{\n${'    call("}");\n'.repeat(70)}}\n` },
    'long has 75 lines',
  ],
  ['nothingBanned', { 'crate/engine/src/backend.rs': 'fn f() { println!("x"); }\n' }, 'does not print'],
  ['nothingBanned', { 'crate/engine/src/backend.rs': `fn f() { ${['to', 'do'].join('')}!() }\n` }, 'write it'],
  ['nothingBanned', { 'crate/engine/src/backend.rs': 'fn f() { std::process::abort() }\n' }, 'poison'],
  [
    'nothingBanned',
    { 'crate/engine/tests/a.rs': `#[${['ig', 'nore'].join('')} = "slow"]\nfn f() {}\n` },
    'mend the test',
  ],
  ['nothingBanned', { 'crate/engine/src/backend.rs': `// ${reminder}: later\n` }, 'do it now'],
  ['nothingBanned', { 'lib/store.ts': `${clean['lib/store.ts']}console.log(1)\n` }, 'throw an error'],
  ['nothingBanned', { 'packages/beside/lib/index.ts': 'console.log(1)\n' }, 'throw an error'],
  [
    'nothingBanned',
    { 'lib/store.ts': `${clean['lib/store.ts']}throw new RangeError('no')\n` },
    'call typeError or rangeError',
  ],
  ['nothingBanned', { '__test__/unit/a.spec.ts': `${['it', 'only'].join('.')}('holds', () => {})\n` }, 'run it'],
  ['everyRustFileIsReached', { 'crate/engine/src/lost.rs': '' }, 'lost.rs is named by no mod'],
  ['everyRustFileIsReached', { 'crate/engine/tests/common/mod.rs': '' }, 'common/mod.rs'],
  ['everyLibFileIsImported', { 'lib/batch.ts': '' }, 'lib/batch.ts'],
  ['everyLibFileIsImported', { 'packages/beside/lib/lost.ts': '' }, 'lib/lost.ts'],
  ['everyPageHasOneTitle', { 'README.md': `${clean['README.md']}\n# Second\n` }, '2 titles'],
  [
    'everyLinkLeadsSomewhere',
    { 'docs/README.md': `${clean['docs/README.md']}[x](guide/gone.md)\n` },
    'docs/guide/gone.md',
  ],
  ['everyPageIsLinked', { 'docs/guide/lost.md': '# Lost\n' }, 'docs/guide/lost.md'],
  [
    'errorCodesAgree',
    { 'lib/errors.ts': "const classes = {\n  CONFLICT: 'misuse',\n}\nexport const error = classes\n" },
    'CONFLICT retry',
  ],
  ['errorCodesAgree', { 'docs/reference/errors.md': '# Errors\n' }, 'lacks CONFLICT'],
  [
    'errorCodesAgree',
    { 'docs/reference/errors.md': '# Errors\n\n| `CONFLICT` | retry | A newer version. | |\n' },
    'next step',
  ],
  [
    'limitsAgree',
    { 'docs/reference/options.md': '# Options\n\n| `SEGMENT_BYTES` | 2,097,152 |\n| `ENTRY_BYTES_MAX` | 19,419 |\n' },
    '19418',
  ],
  [
    'limitsAgree',
    { 'docs/reference/options.md': '# Options\n\n| `SEGMENT_BYTES` | 2,097,152 |\n' },
    'lacks ENTRY_BYTES_MAX',
  ],
  ['limitsOfLibAgree', { 'lib/options.ts': `${clean['lib/options.ts']}const ENTRY_BYTES_MAX = 20_000\n` }, '19418'],
  [
    'optionsAgree',
    { 'lib/options.ts': 'export interface StoreOptions {\n  readonly other?: string\n}\n' },
    'lacks the option other',
  ],
  ['optionsAgree', { 'lib/options.ts': 'export interface StoreOptions {\n}\n' }, 'has profile'],
  ['invariantsAreGuarded', { 'ARCHITECTURE.md': '# Title\n\n| E1 | holds | |\n' }, 'names no test'],
  ['invariantsAreGuarded', { 'ARCHITECTURE.md': '# Title\n\n| G1 | holds | not guarded yet: |\n' }, 'what and why'],
  ['invariantsAreGuarded', { 'ARCHITECTURE.md': '# Title\n\n| E1 | holds | `gone.rs` |\n' }, 'gone.rs'],
  ['noRegistryHosts', { 'docs/README.md': `${clean['docs/README.md']}https://${registry}/a\n` }, registry],
  ['noMachinePaths', { 'lib/errors.ts': `${clean['lib/errors.ts']}// ${home}\n` }, home],
  [
    'lockFilesNameNoHosts',
    { 'bench/package-lock.json': '{ "resolved": "https://example.com/a.tgz" }' },
    'bench/package-lock.json:1',
  ],
  ['nothingRunsOnInstall', { 'package.json': '{ "scripts": { "postinstall": "x" } }' }, 'postinstall'],
  ['dependenciesArePinned', { 'package.json': '{ "devDependencies": { "a": "^1.2.3" } }' }, 'a ^1.2.3'],
  ['dependenciesArePinned', { 'package.json': '{ "optionalDependencies": { "a": ">=1.2.3" } }' }, 'a >=1.2.3'],
]

function broken(files: Files): Result[] {
  return checkRepository(treeOf(files)).filter((result) => result.violations.length > 0)
}

describe('the rules of the repository', () => {
  it('pass on a clean tree', () => {
    expect(broken(clean)).toEqual([])
  })

  it('each have a planted violation', () => {
    expect(new Set(planted.map(([rule]) => rule))).toEqual(new Set(rules.map((rule) => rule.name)))
  })

  it.each(planted)('%s catches its violation (%#)', (rule, files, complaint) => {
    const found = broken({ ...clean, ...files }).find((result) => result.name === rule)
    expect(found?.violations.join('\n')).toContain(complaint)
  })

  it('leave alone what only looks like a violation', () => {
    const files = {
      'crate/engine/src/backend.rs':
        'fn f() { let _ = "unsafe // println!()"; let _ = r#"todo " unsafe"#; }\n#[cfg(test)]\nmod tests {\n    fn f() { println!("seed"); }\n}\n',
      'docs/README.md': `${clean['docs/README.md']}[site](https://example.com/home/page)\n`,
    }
    expect(broken({ ...clean, ...files })).toEqual([])
  })
})
