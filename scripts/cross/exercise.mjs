/** Runs the README's example and small programs on the packages of another system, and compares with this one. */

import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stagePackages } from '../shared/packages.mjs'
import { SetupError } from '../shared/prepare.mjs'
import { run } from '../shared/process.mjs'
import { addonPath, root } from '../shared/project.mjs'

const example = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))[1]

/** Programs, with what is given to each; those that are run twice find what they left. */
const programs = [
  ['readme.mjs'],
  ['readme.mjs'],
  ['examples/todo-list/todo.mjs', '--data', 'todo', 'add', 'buy milk'],
  ['examples/todo-list/todo.mjs', '--data', 'todo', 'done', '1'],
  ['examples/social-graph/social-graph.mjs'],
  ['vectors.mjs', 'vectors'],
  ['vectors.mjs', 'vectors'],
  ['examples/worker-pool/pool.mjs'],
]
/** The folders of their stores. */
const stores = ['data', 'todo', 'vectors']

/** Lays out a project that has the packages installed. */
async function layOut(folder, addon, file) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await stagePackages(join(folder, 'node_modules'), new Map([[addon, file]]))
  cpSync(join(root, 'examples'), join(folder, 'examples'), {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }') // else it would belong to the checkout's package
  cpSync(new URL('vectors.mjs', import.meta.url), join(folder, 'vectors.mjs'))
  writeFileSync(join(folder, 'readme.mjs'), example.replaceAll(/codec\.json<.*?>\(\)/g, 'codec.json()'))
}

async function runAll(folder, command, env = {}) {
  const answers = []
  for (const words of programs) {
    const { code, output, stdout } = await run(command[0], [...command.slice(1), ...words], {
      cwd: folder,
      env,
      minutesMax: 5,
    })
    if (code !== 0) {
      const readable = output.replaceAll(/^(.{300}).+$/gm, '$1…') // Node prints the line that threw, and ours is the whole file
      throw new SetupError(`${[...command, ...words].join(' ')} in ${folder} ended with ${code}\n${readable}`)
    }
    answers.push(stdout.replaceAll('\r\n', '\n'))
  }
  return answers
}

/**
 * Throws unless every program prints there what it prints here, and each system reads what the other wrote.
 *
 * @param {string} folder
 * @param {{ addon: string, file: string, native: string, runner: import('./runners.mjs').Runner }} what
 * @returns {Promise<number>} how many programs ran there
 */
export async function exercise(folder, { addon, file, native, runner }) {
  const [there, here] = [join(folder, 'there'), join(folder, 'here')]
  await layOut(there, addon, file)
  await layOut(here, native, addonPath)
  const expected = await runAll(here, [process.execPath])
  compare(await runAll(there, runner.command, runner.env), expected)
  // Stores go from one system to the other: the second round finds what the first left.
  for (const name of stores) {
    renameSync(join(there, name), join(folder, name))
    renameSync(join(here, name), join(there, name))
    renameSync(join(folder, name), join(here, name))
  }
  const again = await runAll(here, [process.execPath])
  compare(await runAll(there, runner.command, runner.env), again)
  return 2 * programs.length
}

function compare(answers, expected) {
  for (const [at, answer] of answers.entries()) {
    if (answer === expected[at]) continue
    throw new SetupError(`${programs[at].join(' ')} printed\n${answer}\nand here\n${expected[at]}`)
  }
}
