/** One version everywhere, and one table that every list of platforms follows. */

import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'

const require = createRequire(import.meta.url)
const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

interface Target {
  readonly tier: number
  readonly rust: string
  readonly os: string
  readonly cpu: string
  readonly libc?: string
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly engines: { readonly node: string }
  readonly os: readonly string[]
  readonly cpu: readonly string[]
  readonly libc?: readonly string[]
  readonly main: string
  readonly files: readonly string[]
  readonly scripts?: object
  readonly optionalDependencies?: Record<string, string>
  readonly peerDependencies?: Record<string, string>
}

const targets = require('../../lib/native/targets.cjs') as Record<string, Target>
const names = Object.keys(targets)
const root = JSON.parse(read('package.json')) as Manifest & { napi: { binaryName: string; targets: string[] } }

const { platformManifest, publishedManifest } = (await import('../../scripts/shared/packages.mjs' as string)) as {
  platformManifest(name: string): Manifest
  publishedManifest(names: string[]): Manifest
}

describe('the version', () => {
  it('is that of the crates, of both lock files and of what the addon says', () => {
    expect(/^version = "(.*)"$/m.exec(read('Cargo.toml'))?.[1]).toBe(root.version)
    const crates = [...read('Cargo.lock').matchAll(/^name = "sledstore-\w+"\nversion = "(.*)"$/gm)]
    expect(crates.map(([, version]) => version)).toEqual(
      Array(readdirSync(new URL('../../crate', import.meta.url)).length).fill(root.version),
    )
    expect((JSON.parse(read('package-lock.json')) as Manifest).version).toBe(root.version)
    const { identity } = require('../../lib/native/binding.cjs') as { identity: string }
    expect(identity).toBe(`sledstore ${root.version}`)
  })

  it('is that of every platform package, which the root asks for exactly', () => {
    expect(new Set(names.map((name) => platformManifest(name).version))).toEqual(new Set([root.version]))
    expect(publishedManifest(names).optionalDependencies).toEqual(
      Object.fromEntries(names.map((name) => [`sledstore-${name}`, root.version])),
    )
  })
})

describe('the packages beside the root', () => {
  const manifests = readdirSync(new URL('../../packages', import.meta.url)).map(
    (folder) => [folder, JSON.parse(read(`packages/${folder}/package.json`)) as Manifest] as const,
  )

  it.each(manifests)('%s has its version, its engines and its name', (folder, { name, version, engines }) => {
    expect([name, version, engines]).toEqual([`sledstore-${folder}`, root.version, root.engines])
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Manifest> }
    expect(packages[`packages/${folder}`]?.version).toBe(root.version)
  })

  it.each(manifests)('%s asks for the root it was tested with, or a newer one that is like it', (_, manifest) => {
    expect(manifest.peerDependencies?.['sledstore']).toBe(`^${root.version}`)
  })

  it.each(manifests)('%s is published behind the root, by its name', (_, { name }) => {
    const workflow = read('.github/workflows/release.yml')
    expect(workflow).toContain(`packages/${name}-$version.tgz`)
  })
})

describe('the table of platforms', () => {
  it('is what @napi-rs/cli is told', () => {
    expect(root.napi).toEqual({ binaryName: 'sledstore', targets: names.map((name) => targets[name]!.rust) })
  })

  it.each(names)('%s: the package fits its own system alone, and no Node that the root takes is shut out', (name) => {
    const { os, cpu, libc } = targets[name]!
    const manifest = platformManifest(name)
    expect(manifest).toMatchObject({ name: `sledstore-${name}`, os: [os], cpu: [cpu], engines: root.engines })
    expect(manifest.libc).toEqual(libc === undefined ? undefined : [libc])
    expect(manifest.libc !== undefined).toBe(os === 'linux')
    expect(manifest.files).toEqual([manifest.main])
    expect(manifest.scripts).toBeUndefined()
  })

  it('has no two packages for one system', () => {
    const systems = names.map((name) => {
      const { os, cpu, libc } = targets[name]!
      return [os, cpu, libc].join(' ')
    })
    expect(new Set(systems).size).toBe(names.length)
  })
})
