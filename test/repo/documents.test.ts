import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { problems } from '../../shared/domain/problems.ts'
import { musterVersion } from '../../shared/domain/version.ts'

interface PackageJson {
  version: string
  scripts: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}

const packageJson = JSON.parse(readFileSync('package.json', 'utf8')) as PackageJson
const readme = readFileSync('README.md', 'utf8')

test('the version is the same in package.json and in the code', () => {
  expect(musterVersion).toBe(packageJson.version)
})

test('every dependency is pinned exactly', () => {
  const loose = Object.entries({ ...packageJson.dependencies, ...packageJson.devDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
  )
  expect(loose).toEqual([])
})

test('every npm script that the README names exists', () => {
  const named = [...readme.matchAll(/npm (?:run (?:-s )?)?(start|test|[a-z:-]+)\b/g)].map((match) => match[1]!)
  const builtIn = new Set(['ci', 'install', 'run', 'cache', 'registry'])
  expect(named.filter((name) => !builtIn.has(name) && !(name in packageJson.scripts))).toEqual([])
})

test('every error code has the form area.what', () => {
  expect(Object.keys(problems).filter((code) => !/^[a-z-]+(\.[a-z-]+)?$/.test(code))).toEqual([])
})

test('the changelog begins with the version of package.json', () => {
  const newest = /^## (\S+)/m.exec(readFileSync('CHANGELOG.md', 'utf8'))?.[1]
  expect([packageJson.version, 'Unreleased']).toContain(newest)
})
