import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { withEdit, type PlantedBug } from './planted-bug.ts'

/** What a copy does not need: it is large, or made anew. */
const LEFT_OUT = new Set(['.git', '.cache', 'dist', 'node_modules'])

/** A copy of the tree in a temporary folder: bugs are planted there and nowhere else. */
export interface ScratchTree {
  directory: string
  /** Plants a bug. @returns what takes it out again @throws Error if it does not apply; nothing is changed then */
  plant(bug: PlantedBug): () => void
  remove(): void
}

/** Copies the tree; packages are shared with it. */
export function makeScratchTree(root: string): ScratchTree {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'muster-planted-')))
  cpSync(root, directory, {
    recursive: true,
    filter: (source) => !LEFT_OUT.has(relative(root, source).split(sep)[0] ?? ''),
  })
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'))
  return {
    directory,
    plant({ edits }) {
      const before = new Map<string, string>()
      const after = new Map<string, string>()
      for (const edit of edits) {
        const path = join(directory, edit.file)
        const text = after.get(path) ?? readFileSync(path, 'utf8')
        if (!before.has(path)) before.set(path, text)
        after.set(path, withEdit(text, edit))
      }
      for (const [path, text] of after) writeFileSync(path, text)
      return () => {
        for (const [path, text] of before) writeFileSync(path, text)
      }
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
