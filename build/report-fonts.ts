import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FONTS = 'node_modules/pdfmake/fonts/Roboto'

/** The fonts of PDF reports, as the bill of materials names them: they come with a package whose licence is another one. */
export const reportFont = { name: 'roboto', version: '3.014', license: 'OFL-1.1', type: 'file' } as const

/** Copies the fonts of PDF reports into a folder, with the licence that must go along with them. */
export function copyReportFonts(directory: string): void {
  mkdirSync(directory, { recursive: true })
  for (const file of readdirSync(FONTS).filter((name) => name.endsWith('.ttf'))) copyFileSync(join(FONTS, file), join(directory, file))
  writeFileSync(join(directory, 'OFL.txt'), fontLicense())
}

/** The text of the licence comes from another font under it; the first line says whose the font is. */
function fontLicense(): string {
  const text = readFileSync('node_modules/@fontsource-variable/inter/LICENSE', 'utf8')
  const from = text.indexOf('\n\nThis Font Software is licensed under the SIL Open Font License, Version 1.1.')
  if (from < 0) throw new Error('The licence of the font Inter does not read as it did: take the SIL Open Font License from elsewhere.')
  return `Copyright 2011 The Roboto Project Authors (https://github.com/googlefonts/roboto-classic)${text.slice(from)}`
}
