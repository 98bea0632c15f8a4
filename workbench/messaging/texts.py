"""Made-up message texts whose lengths are distributed as those of real text messages."""

import math
import random

# Fitted to the UCI SMS Spam Collection: median 62 bytes, 90th percentile 156, longest 910.
MEDIAN_BYTES = 62
LOG_SPREAD = 0.72
LONGEST_BYTES = 900

WORDS = """
    about after again all already and any around ask away back be because been before behind best
    better book both bring bus but by call came can change chat check class coffee cold come could
    cup day did dinner do done door down draft early eat else end enough even ever everyone exam
    far few film find first for found free friday from full game get give go going good great group
    had half have hear help here home hope hour how if in into is it jam just keep key kitchen know
    last late later leave left lend let library like list little long look lot lunch made make map
    maybe me meet mine minute monday more morning much my near need never new next nice night no
    not notes nothing now of off ok old on one only open or other our out over page park part pay
    people phone photo pick place plan play please print project quick quite rain read ready really
    remember rest right river room run said same saturday saw say see send seminar she shop should
    show since sleep slides small so some song soon sorry sounds start station stay still stop
    store study such sunday sure table take talk tea tell than thanks that the their them then
    there they thing think this those though ticket time to today together tomorrow tonight too
    took train try turn two under until up us use very wait walk want was watch water way we week
    well went were what when where which while who why will window with without wonder work would
    write year yes yesterday yet you your café naïve déjà-vu señor 👍 🙂 ☕
""".split()


def make_text(rng: random.Random) -> str:
    """One text, of 2 to about 900 bytes."""
    wanted_bytes = rng.lognormvariate(math.log(MEDIAN_BYTES), LOG_SPREAD)
    words = [rng.choice(WORDS)]
    size_bytes = len(words[0].encode())
    while size_bytes < min(wanted_bytes, LONGEST_BYTES) - 2:
        words.append(rng.choice(WORDS))
        size_bytes += 1 + len(words[-1].encode())
    text = " ".join(words)
    return text[0].upper() + text[1:] + rng.choice((".", "?", "!", "", ""))
