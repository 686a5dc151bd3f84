import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readWindowState, visibleBounds, writeWindowState, type WindowState } from '../../../../electron/main/window-state.ts'
import { temporaryDirectory } from '../../../harness/fleet.ts'

const left = { workArea: { x: 0, y: 25, width: 1920, height: 1055 } }
const right = { workArea: { x: 1920, y: 0, width: 2560, height: 1440 } }
const small = { workArea: { x: 0, y: 0, width: 1280, height: 720 } }
const tiny = { workArea: { x: 0, y: 0, width: 800, height: 600 } }

test.each([
  { name: 'the first start: in the middle', bounds: null, displays: [left], gives: { x: 240, y: 103, width: 1440, height: 900 } },
  {
    name: 'as it was left',
    bounds: { x: 100, y: 80, width: 1200, height: 800 },
    displays: [left],
    gives: { x: 100, y: 80, width: 1200, height: 800 },
  },
  {
    name: 'on the second screen',
    bounds: { x: 2500, y: 200, width: 1800, height: 1100 },
    displays: [left, right],
    gives: { x: 2500, y: 200, width: 1800, height: 1100 },
  },
  {
    name: 'its screen is gone: in the middle of the first',
    bounds: { x: 2500, y: 200, width: 1800, height: 1000 },
    displays: [left],
    gives: { x: 60, y: 53, width: 1800, height: 1000 },
  },
  {
    name: 'half outside: pushed in',
    bounds: { x: 1500, y: 700, width: 1200, height: 800 },
    displays: [left],
    gives: { x: 720, y: 280, width: 1200, height: 800 },
  },
  {
    name: 'above the screen: nothing to take hold of',
    bounds: { x: 100, y: -800, width: 1200, height: 800 },
    displays: [left],
    gives: { x: 360, y: 153, width: 1200, height: 800 },
  },
  {
    name: 'larger than the screen',
    bounds: { x: 10, y: 10, width: 3000, height: 2000 },
    displays: [small],
    gives: { x: 0, y: 0, width: 1280, height: 720 },
  },
  {
    name: 'smaller than it works',
    bounds: { x: 10, y: 10, width: 300, height: 200 },
    displays: [small],
    gives: { x: 10, y: 10, width: 1024, height: 700 },
  },
  { name: 'a screen smaller than that', bounds: null, displays: [tiny], gives: { x: 0, y: 0, width: 1024, height: 700 } },
  { name: 'no screen at all', bounds: null, displays: [], gives: { x: 0, y: 0, width: 1440, height: 900 } },
])('$name', ({ bounds, displays, gives }) => {
  expect(visibleBounds(bounds, displays)).toEqual(gives)
})

test('the state is read back, and leaves nothing half written beside it', () => {
  const directory = join(temporaryDirectory(), 'new', 'folder')
  const state: WindowState = { bounds: { x: 1, y: 2, width: 1100, height: 800 }, isMaximized: true, theme: 'dark' }
  writeWindowState(directory, state)
  expect(readWindowState(directory)).toEqual(state)
  expect(readdirSync(directory)).toEqual(['window.json'])
})

test.each([
  '',
  '{',
  'null',
  '{"bounds":{"x":"1"},"isMaximized":false,"theme":"dark"}',
  '{"bounds":{"x":1e999,"y":0,"width":1,"height":1},"isMaximized":false,"theme":"dark"}',
])('a damaged state (%s) costs no start', (text) => {
  const directory = temporaryDirectory()
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, 'window.json'), text)
  expect(readWindowState(directory)).toEqual({ bounds: null, isMaximized: false, theme: 'system' })
})
