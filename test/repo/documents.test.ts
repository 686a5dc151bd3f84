import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { problems } from '../../shared/domain/problems.ts'
import { musterVersion } from '../../shared/domain/version.ts'
import { publishedPictures } from '../harness/published-pictures.ts'

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

test('every picture of a document is a shot that a script makes, and none lies there for nothing', () => {
  const guides = readdirSync('build/guides').map((file) => readFileSync(`build/guides/${file}`, 'utf8'))
  const shown = new Set([readme, ...guides].flatMap((text) => [...text.matchAll(/screenshots\/([\w-]+\.png)/g)].map((match) => match[1]!)))
  expect([...shown].filter((picture) => !(picture in publishedPictures))).toEqual([])
  expect(Object.keys(publishedPictures).filter((picture) => !shown.has(picture))).toEqual([])
  expect(readdirSync('build/screenshots').filter((picture) => !shown.has(picture))).toEqual([])
  // By the name of the screen; some are made of a list: `alerts-${tab}`.
  const scripts = ['screens.ts', 'rollout-pictures.ts', 'large-fleet.test.ts']
    .map((file) => readFileSync(`test/e2e/${file}`, 'utf8'))
    .join('\n')
  const isMade = (shot: string): boolean => {
    const screen = shot.replace(/-(?:1440|10000)-(?:light|dark)\.png$/, '')
    return [`'${screen}'`, `/${shot}'`, `\`${screen.replace(/-\w+$/, '-$')}{tab}\``].some((text) => scripts.includes(text))
  }
  expect(Object.values(publishedPictures).filter((shot) => !isMade(shot))).toEqual([])
  expect(isMade('nothing-1440-dark.png')).toBe(false)
})
