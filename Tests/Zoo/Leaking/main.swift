// Programs that leak, each on its own: `ZooLeaking list` names them. What each leaks stands in leaking.json.

import ZooSupport

runZoo(allCases)
