/** The script of the page `/console`. Importing it defines its element. */
export { ParleyConsole } from './parley-console.ts'
