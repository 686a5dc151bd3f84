import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'

/** One mistake that somebody could make, as text to search and replace, and the test that must notice it. */
export const plantedBug = z.strictObject({
  title: z.string().min(1),
  edits: z.array(z.strictObject({ file: z.string(), find: z.string().min(1), put: z.string() })).min(1),
  detector: z.strictObject({
    file: z.string(),
    /** The whole title of the test, without those of the groups around it. */
    test: z.string().min(1),
  }),
})
export type PlantedBug = z.infer<typeof plantedBug>

/** A planted bug with the name of its file. */
export interface NamedBug extends PlantedBug {
  name: string
}

/** Folder of the descriptions, below the root of the tree. */
export const plantedFolder = 'test/planted'

/** Reads every description of a tree. They are loaded by path because this layer sees no test. */
export async function readPlantedBugs(root: string): Promise<NamedBug[]> {
  const folder = join(root, plantedFolder)
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  const bugs: NamedBug[] = []
  for (const file of files.sort()) {
    const module: unknown = await import(pathToFileURL(join(folder, file)).href)
    bugs.push({ name: file.slice(0, -'.ts'.length), ...z.looseObject({ bug: plantedBug }).parse(module).bug })
  }
  return bugs
}

/** The text with one edit made. @throws Error unless what is to be replaced stands in it exactly once: the code has moved on then */
export function withEdit(text: string, { file, find, put }: PlantedBug['edits'][number]): string {
  const count = text.split(find).length - 1
  if (count !== 1) throw new Error(`${file} has ${count} places that read: ${find.trim().slice(0, 80)}`)
  return text.replace(find, () => put)
}
