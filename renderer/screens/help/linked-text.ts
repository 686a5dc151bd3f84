/** Where addresses of a document lead within the console. */
export interface LinkPlaces {
  /** Names of documents by their path in the repository. */
  documents: ReadonlyMap<string, string>
  /** Addresses of pictures by their path in the repository. */
  pictures: ReadonlyMap<string, string>
}

const link = /(!?)\[([^\]]{1,500})\]\(([^()\s]{1,2048})\)/g

/**
 * The text of a document with its addresses turned into those of the console: documents to their help pages, pictures to their files. What
 * leads to a file that the console does not carry stays as its words. Comments, which mark what is generated, are left out; code stays as it is.
 * @param path of the document in the repository
 */
export function linkedText(text: string, path: string, places: LinkPlaces): string {
  let isCode = false
  return text
    .split('\n')
    .flatMap((line) => {
      if (/^\s{0,3}(?:```|~~~)/.test(line)) isCode = !isCode
      else if (!isCode && /^<!--.*-->$/.test(line.trim())) return []
      else if (!isCode) return [line.replace(link, (whole, mark: string, label: string, href: string) => placed(whole, mark, label, href))]
      return [line]
    })
    .join('\n')

  function placed(whole: string, mark: string, label: string, href: string): string {
    if (/^(?:https?:)?\//i.test(href)) return whole
    const [file, section = ''] = href.split('#', 2) as [string, string?]
    const target = file === '' ? path : resolved(path, file)
    if (mark === '!') {
      const picture = places.pictures.get(target)
      return picture === undefined ? label : `![${label}](${picture})`
    }
    const name = places.documents.get(target)
    if (name === undefined) return label
    return `[${label}](/help/${name}${section === '' ? '' : `/${section}`})`
  }
}

/** The path of a file that a document names from where it lies. */
function resolved(from: string, file: string): string {
  const parts = from.split('/').slice(0, -1)
  for (const part of file.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/')
}
