/** How often other work had its turn while a function ran. */
export async function turnsDuring(run: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let immediate = setImmediate(function count() {
    turns++
    immediate = setImmediate(count)
  })
  await run()
  clearImmediate(immediate)
  return turns
}
