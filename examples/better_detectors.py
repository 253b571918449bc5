"""What better photon detectors buy a distributed adder, in three lines."""

import weft

for efficiency in (0.7, 0.9):
    network = weft.load_network("ion-modules", components={"detector_efficiency": efficiency})
    print(efficiency, weft.run("adder:28", network, shots=8000, seed=1))
