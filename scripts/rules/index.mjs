/** Every rule of the repository, by the sentence it keeps. */

import { nothingBanned } from './banned.mjs'
import { everyLinkLeadsSomewhere, everyPageHasOneTitle, everyPageIsLinked } from './docs.mjs'
import {
  dependenciesArePinned,
  lockFilesNameNoHosts,
  noMachinePaths,
  noRegistryHosts,
  nothingRunsOnInstall,
} from './hygiene.mjs'
import {
  adaptersLoadThePackage,
  packagesLoadLate,
  everyLibFileIsImported,
  libImportsDownwards,
  oneFileImportsTheAddon,
} from './layers-lib.mjs'
import { libKnowsNoPackagesAbove, packagesImportWhatTheyName } from './layers-packages.mjs'
import {
  cratesDependDownwards,
  napiStaysInNode,
  sledIsCalledPlainly,
  sledIsNamedOnce,
  unsafeStaysInItsRooms,
} from './layers-rust.mjs'
import { filesHoldOneNoun, functionsFitAScreen, typingsReadInFiveMinutes } from './lengths.mjs'
import { errorCodesAgree, invariantsAreGuarded, limitsAgree, limitsOfLibAgree, optionsAgree } from './mirrors.mjs'
import { everyRustFileIsReached } from './orphans-rust.mjs'
import { repositoryTree } from './tree.mjs'

export const rules = [
  cratesDependDownwards,
  sledIsNamedOnce,
  sledIsCalledPlainly,
  napiStaysInNode,
  unsafeStaysInItsRooms,
  libImportsDownwards,
  oneFileImportsTheAddon,
  adaptersLoadThePackage,
  packagesImportWhatTheyName,
  libKnowsNoPackagesAbove,
  packagesLoadLate,
  filesHoldOneNoun,
  functionsFitAScreen,
  typingsReadInFiveMinutes,
  nothingBanned,
  everyRustFileIsReached,
  everyLibFileIsImported,
  everyPageHasOneTitle,
  everyLinkLeadsSomewhere,
  everyPageIsLinked,
  errorCodesAgree,
  limitsAgree,
  limitsOfLibAgree,
  optionsAgree,
  invariantsAreGuarded,
  noRegistryHosts,
  noMachinePaths,
  lockFilesNameNoHosts,
  nothingRunsOnInstall,
  dependenciesArePinned,
]

/**
 * Checks a tree by every rule.
 *
 * @param {import('./tree.mjs').Tree} [tree] the checkout when not given
 * @returns {{ name: string, violations: string[] }[]}
 */
export function checkRepository(tree = repositoryTree()) {
  return rules.map((rule) => ({ name: rule.name, violations: rule(tree) }))
}
