import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Display, Rectangle } from 'electron'
import { z } from 'zod'
import { replaceFile } from '../../shared/store/durable-file.ts'

/** The console is designed for windows from this size on. */
export const smallestWindow = { width: 1024, height: 700 } as const
const usualWindow = { width: 1440, height: 900 } as const
const FILE = 'window.json'
/** So much of the title bar must be on a screen for a person to be able to take hold of it. */
const GRIP = { width: 120, height: 40 } as const

const storedState = z.object({
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int().positive(), height: z.int().positive() }).nullable(),
  isMaximized: z.boolean(),
  theme: z.enum(['light', 'dark', 'system']),
})
/** What the window remembers from one start to the next. */
export type WindowState = z.infer<typeof storedState>

const firstState: WindowState = { bounds: null, isMaximized: false, theme: 'system' }

/** The state that the last run left; the usual one where there is none or it cannot be read. */
export function readWindowState(directory: string): WindowState {
  try {
    return storedState.parse(JSON.parse(fs.readFileSync(join(directory, FILE), 'utf8')))
  } catch {
    // A missing or damaged file costs the person one resize.
    return firstState
  }
}

/** Stores the state so that a power cut leaves the old or the new one. */
export function writeWindowState(directory: string, state: WindowState): void {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
  replaceFile(fs, { directory, name: FILE }, Buffer.from(`${JSON.stringify(state)}\n`))
}

/**
 * Where the window opens: as it was left, no smaller than it works and no larger than the screen; where the screen it stood on is gone,
 * in the middle of the first one.
 */
export function visibleBounds(bounds: Rectangle | null, displays: readonly Pick<Display, 'workArea'>[]): Rectangle {
  const wanted = bounds ?? { x: 0, y: 0, ...usualWindow }
  const home = bounds === null ? undefined : displays.find(({ workArea }) => isGrippable(bounds, workArea))
  const area = (home ?? displays[0])?.workArea ?? { x: 0, y: 0, ...usualWindow }
  const width = Math.max(Math.min(wanted.width, area.width), smallestWindow.width)
  const height = Math.max(Math.min(wanted.height, area.height), smallestWindow.height)
  if (home === undefined) {
    const middle = (start: number, room: number, size: number): number => start + Math.max(0, Math.round((room - size) / 2))
    return { x: middle(area.x, area.width, width), y: middle(area.y, area.height, height), width, height }
  }
  return {
    x: inside(wanted.x, width, { start: area.x, room: area.width }),
    y: inside(wanted.y, height, { start: area.y, room: area.height }),
    width,
    height,
  }
}

/** The position nearest to the wanted one at which all of it is on the screen, or its beginning where it is larger. */
function inside(position: number, size: number, { start, room }: { start: number; room: number }): number {
  return Math.max(start, Math.min(position, start + room - size))
}

function isGrippable(window: Rectangle, area: Rectangle): boolean {
  const overlap = Math.min(window.x + window.width, area.x + area.width) - Math.max(window.x, area.x)
  return overlap >= GRIP.width && window.y >= area.y - GRIP.height && window.y <= area.y + area.height - GRIP.height
}
