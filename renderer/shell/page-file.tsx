import { lazy, useState } from 'react'

/** A page whose code is a file of its own. */
export interface PageFile<Props> {
  Page: React.ComponentType<Props>
  /** Fetches the code before it is needed. */
  fetch(): void
}

/**
 * A page that is fetched when it is first shown, or before. One that is there already is drawn at once: behind a `lazy` it would appear a third of
 * a second late, because React holds back what takes the place of a fallback.
 * @param load imports the file and picks its component
 */
export function pageFile<Props extends object>(load: () => Promise<React.ComponentType<Props>>): PageFile<Props> {
  let loaded: React.ComponentType<Props> | null = null
  let loading: Promise<{ default: React.ComponentType<Props> }> | null = null
  const begin = (): Promise<{ default: React.ComponentType<Props> }> => {
    loading ??= load().then((page) => {
      loaded = page
      return { default: page }
    })
    // A file that could not be fetched is asked for again the next time.
    loading.catch(() => {
      loading = null
    })
    return loading
  }
  const Late: React.ComponentType<Props> = lazy(begin)
  function Page(props: Props): React.ReactNode {
    // Chosen once: a page must not be made anew because its code has come meanwhile.
    const [Chosen] = useState(() => loaded ?? Late)
    return <Chosen {...props} />
  }
  return { Page, fetch: () => void begin().catch(() => undefined) }
}
