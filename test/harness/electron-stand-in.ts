import { createPackage } from '@electron/asar'
import { FuseState, FuseV1Options } from '@electron/fuses'
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What the states of the fuses stand behind in Electron's binary. */
const FUSE_MARK = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'

/** A folder like Electron's zip whose binary is Node: fuses to flip, languages of Chromium, and a valid `default_app.asar`. */
export async function electronStandIn(directory: string): Promise<string> {
  mkdirSync(join(directory, 'resources'), { recursive: true })
  copyFileSync('node_modules/node/bin/node', join(directory, 'electron'))
  chmodSync(join(directory, 'electron'), 0o755)
  // The wire of fuses as it lies in Electron's binary: a mark, the version, how many there are, and the state of each.
  const wire = Object.values(FuseV1Options).filter((option) => typeof option === 'number')
  const states = wire.map((option) => (option === FuseV1Options.RunAsNode ? FuseState.ENABLE : FuseState.DISABLE))
  appendFileSync(join(directory, 'electron'), Buffer.concat([Buffer.from(FUSE_MARK), Buffer.from([1, wire.length, ...states])]))
  writeFileSync(join(directory, 'version'), '45.4.1')
  mkdirSync(join(directory, 'locales'))
  for (const language of ['de', 'en-US', 'fr']) writeFileSync(join(directory, 'locales', `${language}.pak`), language)
  const application = join(directory, '..', 'default-app')
  mkdirSync(application)
  writeFileSync(join(application, 'package.json'), JSON.stringify({ name: 'electron', main: 'main.js' }))
  writeFileSync(join(application, 'main.js'), '')
  await createPackage(application, join(directory, 'resources/default_app.asar'))
  return directory
}
