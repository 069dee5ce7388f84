/** Some browsers read the file only after the click was handled. */
const READ_WITHIN_MS = 60_000

/** Saves a file in the reader's downloads. It is made in the page, and no Content-Security-Policy is in its way. */
export function downloadCsv(csv: string, name: string): void {
  // Spreadsheets take UTF-8 for something else without the byte order mark.
  const url = URL.createObjectURL(new Blob(['\uFEFF', csv], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), READ_WITHIN_MS)
}
