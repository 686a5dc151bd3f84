import type { Configuration } from 'electron-builder'

/** Ending of a file that holds one exported model version. */
export const BUNDLE_EXTENSION = 'muster'
/** The kind of such a file, as the systems of Linux name it. */
export const BUNDLE_MIME = 'application/x-muster-bundle'

/** The name under which a person finds the application. */
export const productName = 'Muster'
/** The menu entry of Linux, under whose name the windows go too, so that the desktop knows whose they are. */
export const desktopName = 'muster.desktop'
export const summary = 'Fleet manager for ML models on edge devices'

/** What the installers of each system do beyond copying the folder; the .deb is made by `deb.ts`. */
export const installers = {
  fileAssociations: [
    {
      ext: BUNDLE_EXTENSION,
      name: 'Muster model',
      description: 'Model version of a Muster console',
      mimeType: BUNDLE_MIME,
      role: 'Viewer',
    },
  ],
  // No mark of a person or a machine goes into the name.
  artifactName: 'muster-${version}-${os}-${arch}.${ext}',
  nsis: {
    oneClick: false,
    // Windows registers a file association only for all users of a machine.
    perMachine: true,
    allowToChangeInstallationDirectory: true,
    // The fleet's keys and records outlive the program.
    deleteAppDataOnUninstall: false,
    shortcutName: productName,
    license: 'LICENSE',
  },
  dmg: {
    title: `${productName} \${version}`,
    contents: [
      { x: 140, y: 180, type: 'file' },
      { x: 400, y: 180, type: 'link', path: '/Applications' },
    ],
    window: { width: 540, height: 380 },
  },
  // The licence is in the package; a dialog at each start would be in the way.
  appImage: { license: null },
} as const satisfies Configuration

/**
 * The address below which releases lie, without a slash at its end.
 * @throws Error unless it is https and carries neither password nor query
 */
export function feedAddress(url: string): string {
  const address = URL.canParse(url) ? new URL(url) : null
  if (address === null || address.protocol !== 'https:' || address.username !== '' || address.search !== '' || address.hash !== '')
    throw new Error(`--update-url: '${url}' is no plain https address.`)
  return address.href.replace(/\/$/, '')
}

/** Whither the feeds of a release point: without an address none is made, and no installed console asks for a newer one. */
export function updateFeed(url: string | undefined): Configuration['publish'] {
  if (url === undefined) return null
  return [{ provider: 'generic', url: feedAddress(url), channel: 'latest', useMultipleRangeRequest: false }]
}
