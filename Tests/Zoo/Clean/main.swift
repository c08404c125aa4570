// Programs that leak nothing and look as if they did, each on its own: `ZooClean list` names them. What each holds
// stands in clean.json.

import ZooSupport

runZoo(allCases)
