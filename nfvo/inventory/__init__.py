"""What the NFVO keeps a record of: network services and the VIMs that they run on."""
